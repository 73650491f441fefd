"""Who asks: sign-in at an OpenID Connect provider, sessions, roles and what each may do."""
