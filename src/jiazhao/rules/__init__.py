"""What the law says, as pure functions over dated tables.

The tables are the JSON files in `data/`; the application reads them and passes them in, and the
browser gets the same files. No function here knows a clock: `tables.on(day)` gives the rules in
force on that day, and the rules carry their day.
"""
