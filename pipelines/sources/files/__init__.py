"""Files of rows: one reader and one writer of CSV, TSV, JSON lines, Parquet and plain lines."""
