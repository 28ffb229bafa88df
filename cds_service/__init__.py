"""Clinical decision support for dermatomyositis over CDS Hooks."""
