"""The toolkit that routes use: problems, headers, limits, who asks, and the way out."""
