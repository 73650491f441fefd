"""Who looked, why, and under which law; the holder sees every record."""
