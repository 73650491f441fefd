"""SQL of the register, by table.

Who can change this store can change what the law says of a driver.

Columns are named, never `*`: a migration may add one while we run.
"""
