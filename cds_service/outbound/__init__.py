"""How the service calls others: to checked addresses only, within a time, and not again and again in vain."""
