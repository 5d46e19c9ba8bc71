"""The words of the synthetic reports."""

SYLLABLES = [
    *("ba", "bel", "bor", "da", "del", "dra", "fal", "fen", "gar", "gil", "hal", "hem", "is", "jor", "ka", "kel"),
    *("lam", "lin", "lo", "mar", "mel", "mi", "na", "nor", "ol", "or", "pa", "pel", "ra", "rin", "ros", "sa"),
    *("sel", "sto", "tal", "tem", "ti", "ul", "va", "vel", "vi", "wal", "wen", "yor", "za", "zel"),
]
FIRST_NAMES = ["Ada", "Boris", "Clara", "Dina", "Emil", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leo"]
FAMILY_ENDINGS = ("sen", "ski", "er", "ov", "man", "ez")
PLACE_ENDINGS = ("burg", "ton", "vik", "stad", "ford", "heim")
TEAMS = ["United", "Rovers", "City", "Athletic"]
COMPANIES = ["Group", "Works", "Bank", "Foods", "Energy"]
NUMBERS = ["one", "two", "three", "four", "five", "six"]
RANKS = ["second", "third", "fourth", "fifth"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
VENUES = ["town hall", "library", "old school", "sports hall", "fire station", "museum", "theatre", "harbour office"]
BODIES = [
    ("city council", "council"),
    ("board of the hospital", "hospital board"),
    ("school committee", "school meeting"),
    ("assembly of fishermen", "fishermen's meeting"),
]
REASONS = [
    ("Burst pipe", "water from a pipe had ruined the floor"),
    ("Power cut", "there was no electricity in the building"),
    ("Strike", "the staff had stopped work"),
    ("Storm", "the wind had taken the roof off"),
    ("Double booking", "the room had been let twice"),
]
BUSINESSES = ["bakery chain", "shipyard", "newspaper", "toy factory", "ferry line", "brewery", "cinema chain"]
ACCIDENTS = [
    ("crash", "when two buses met"),
    ("fire", "when a warehouse burnt"),
    ("blast", "when a boiler went up"),
    ("derailment", "when a train left the rails"),
]
CAUSES = [
    ("ice", "the ground was frozen over"),
    ("fog", "nobody could see ten metres"),
    ("faulty wiring", "a cable had not been mended"),
    ("human error", "somebody had pressed the wrong button"),
    ("a worn part", "a piece of the machine was too old"),
]
