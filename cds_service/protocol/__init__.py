"""The CDS Hooks wire: what a call says and how an answer looks. Nothing clinical lives here."""
