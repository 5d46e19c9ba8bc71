"""The names of the calendar features, without TensorFlow."""

CALENDAR_FEATURES = ("minute_of_hour", "hour_of_day", "day_of_week", "day_of_month", "month_of_year", "day_of_year")
