"""The nouns: what a tenant is made of, what can be asked, and what a decision says."""
