"""English words for times (folded). See `timewords.lexicon` for what the names mean."""

from __future__ import annotations

from timewords.lexicon.kinds import Entries

WORDS: Entries = {
    "num": {
        2: "two|a couple of|couple of", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine",
        10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen",
        17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 25: "twenty five", 30: "thirty",
        35: "thirty five", 40: "forty", 45: "forty five", 50: "fifty", 55: "fifty five", 60: "sixty", 90: "ninety",
    },
    "one": {1: "one"},
    "article": {1: "a|an"},
    "ordinal": {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"},
    "last": "last",
    "determiner": "the|my|our|your|his|her|their|this|that|a|an",
    "second": "seconds|secs|sec", "minute": "minutes|minute|mins|min|minuts|#m", "hour": "hours|hour|hrs|hr|houres",
    "oh": "#h|h", "day": "days|day|#d", "week": "weeks|week|#w", "month": "months|month", "year": "years|year",
    "fortnight": "fortnight", "half_hour": {90: "hour and a half|an hour and a half|1 hour and a half", 30: "half an hour|half hour|a half hour", 15: "quarter of an hour|a quarter of an hour",
                                            45: "three quarters of an hour"},
    "half_day": "half a day",
    "weekday": {0: "monday", 1: "tuesday|tue|tues|teusday|tuseday", 2: "wednesday|weds|wensday|wendsday|wednsday|wenesday",
                3: "thursday|thu|thur|thurs|thurday|thrusday", 4: "friday|fri|firday", 5: "saturday|saterday|satuday", 6: "sunday"},
    "weak_weekday": {0: "mon", 2: "wed", 5: "sat", 6: "sun"},
    "weekdays": {0: "mondays", 1: "tuesdays", 2: "wednesdays", 3: "thursdays", 4: "fridays", 5: "saturdays", 6: "sundays"},
    "month_name": {1: "january|jan", 2: "february|feb|febuary", 4: "april|apr", 6: "june|jun", 7: "july|jul",
                   8: "august|aug", 9: "september|sept|sep", 10: "october|oct", 11: "november|nov", 12: "december|dec"},
    "weak_month": {3: "march|mar", 5: "may"},
    "in": "within|in about|in exactly|in another", "in_on": "in", "later": "from now|later|from today|from this moment|hence",
    "after": "after", "before": "before",
    "rel": {0: "today", 1: "tomorrow|tmrw|tmr|tomorow|tommorow|tommorrow|tomorrrow|tomorro|2morrow|tomoro|2 moro|2 morrow",
            2: "the day after tomorrow|day after tmrw|day after tomorow|the day after tmrw|day after tomorrow|overmorrow"},
    "tonight": {20: "tonight|tonite"},
    "next": "next|coming|upcoming|the next|the coming", "this": "this", "following": "the following|following",
    "next_week": "next week|the next week|the coming week", "next_month": "next month", "next_year": "next year",
    "every": "every|each|once every|once each", "other": "other|2nd|alternate", "on": "on the|on|the|this coming", "of": "of",
    "repeat": {("DAILY", 1): "daily|everyday|once a day|every single day", ("WEEKLY", 1): "weekly|once a week",
               ("MONTHLY", 1): "monthly|once a month", ("YEARLY", 1): "yearly|annually|once a year", ("HOURLY", 1): "hourly|once an hour",
               ("WEEKLY", 2): "fortnightly|every fortnight"},
    "workdays": "every weekday|every workday|every working day|every business day|on weekdays|on workdays|on working days|weekdays|"
                "workdays|on business days|each weekday|monday to friday|monday through friday|mon to fri|mon fri|m f|m to f|"
                "from monday to friday|monday till friday|monday until friday",
    "weekends": "every weekend|on weekends|weekends|each weekend|at weekends",
    "weekend": "weekend|this weekend|next weekend|at the weekend|on the weekend|over the weekend|the weekend",
    "last_day": "on the last day of the month|the last day of the month|last day of the month|last day of every month|"
                "the last day of every month|last day of each month|on the last day of each month|on the last day of every month|"
                "every last day of the month|the last day of each month",
    "at": "at|@|at about|at around|around|at exactly|by about", "weak_at": "about|like",
    "oclock": "o clock|oclock|sharp", "half": {30: "and a half|and half"}, "half_past": {30: "half past", 15: "quarter past|a quarter past|quarter after"},
    "to_hour": {15: "quarter to|a quarter to|quarter till|quarter of"}, "past": "past", "to": "to|till|til",
    "ampm": {9: "am", 15: "pm"},
    "part": {9: "in the morning|of the morning|in the mornings", 15: "in the afternoon|in the afternoons", 19: "in the evening|in the evenings",
             20: "at night|in the night|at nights"},
    "bare_part": {9: "morning|mornings", 15: "afternoon|afternoons", 19: "evening|evenings", 20: "night|nights"},
    "vague_part": "early|late|noonish|dawn|dusk|sunset|sunrise|lunchtime|dinner time|bedtime|lunch time|at lunch|after lunch|before lunch|first thing",
    "noon": "noon|midday|at noon|at midday", "midnight": "midnight",
    "until": "until|till|ending|through|up to|until the|til", "times": "times|time", "often": "twice|thrice",
    "starting": "starting|starting on|starting from|from|beginning|beginning on|as of|effective|starting the|from the",
    "for": "for|for the next|over the next|during the next|the next|for another",
    "and": "and|&|also|plus", "or": "or|maybe|perhaps|possibly|otherwise|either|and or",
    "except": "except|but not|excluding|except for|other than|apart from|not", "if": "if|unless|when|whenever|once i|as soon as|while|depending",
    "over": "yesterday|last week|last month|ago|last night", "vague": "few|several|some|a few|soon|asap|sometime|end of|the end of|middle of|"
            "beginning of|at the end of|by the end of|by|every now and then|day before|the day before|day after|between|during|half|quarter|ish|once|biweekly|bi weekly|bimonthly|quarterly|semiannually|every quarter|each quarter|from time to time|business|working",
    "odd_zone": "your time|their time|his time|her time|our time|customer time",
    "holiday": "christmas|christmas eve|xmas|easter|new year|new years eve|new year s eve|thanksgiving|halloween|valentines|valentine s day|birthday",
    "greeting": "good morning|good afternoon|good evening|good night",
    "own_time": "my time|local time|my local time|here", "time": "time|timezone|time zone|standard time|hours time|daylight time",
    "join": "to|on|at|in|of|for|around|about|so|then|starting|the|please|that|me|and|but|i|should|need|have|it|is|from",
    "per": "a|per|an",
    "know": "remind|reminder|call|buy|pay|take|send|with|check|my|is|are|you|please|can|could|bill|meeting|doctor|the|to|about|"
            "want|would|like|mom|dad|pick|up|out|water|bank|set|cancel",
}  # fmt: skip
