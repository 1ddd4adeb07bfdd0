"""What is run on each model. A scenario is a list of settings (-D to spin); `ends` searches it for
cycles: no execution may go on for ever."""

# The scenarios that hold, in every state.
HOLDS = {
    "stash": {
        "traffic": "EXITS=false",
        "two_operations": "EXITS=false PUSHES_1=1 OPERATIONS=2",
        "bounded_traffic": "EXITS=false BOUNDED PUSHES_1=1",
        "exits": "BLOCKS=2 PUSHES_1=1",
        "bounded_exits": "BLOCKS=2 PUSHES_1=1 PUSHES_2=0 OPERATIONS=2 BOUNDED",
        "returns": "PUSHES_1=1 PUSHES_2=0 RETURNS=1",
        "stops": "STOPS PUSHES_1=1 PUSHES_2=0",
        "bounded_stops": "STOPS PUSHES_1=1 PUSHES_2=0 BOUNDED",
        "ends": "ends STOPS BLOCKS=2 PUSHES_1=1 VISITS=0 EXITS=false",
    },
    "steal": {
        "weak": "SLOTS=4 POINTERS=6 OPERATIONS=6 STEALS=2",
        "tso": "SLOTS=4 POINTERS=6 OPERATIONS=6 STEALS=2 MEMORY=TSO",
        "sequential": "SLOTS=4 POINTERS=6 OPERATIONS=6 STEALS=2 MEMORY=SC",
        "ends": "ends MEMORY=TSO",
    },
    "transfer": {
        "three_threads": "OPERATIONS=3",
        "four_threads": "THREADS=4 BATCHES=2",
        "two_operations": "",
        "ends": "ends",
    },
    "background": {
        "two_workers": "ROUNDS=3",
        "three_workers": "WORKERS=3",
    },
}

# The same, larger: minutes and gigabytes.
DEEP = {
    "stash": {
        "bounded_pushes": "EXITS=false BOUNDED",
        "bounded_operations": "EXITS=false BOUNDED PUSHES_1=1 OPERATIONS=2",
        "bounded_exits_two_freers": "BLOCKS=2 PUSHES_1=1 BOUNDED",
        "bounded_exits_two_pushes": "PUSHES_2=0 BOUNDED",
        "stops_two_freers": "STOPS PUSHES_1=1 BLOCKS=2",
    },
    "steal": {"weak_long": "SLOTS=4 POINTERS=6 OPERATIONS=8 STEALS=2"},
    "transfer": {"four_operations": "OPERATIONS=4"},
    "background": {},
}

# Parts that turn out not to be needed: the scenario holds without them, too.
NEEDLESS = {
    "stash": {
        "NO_ACTIVE_TEST": ("returns", "a push does not look whether the owner is active"),
        "EXIT_KEEPS_STASH": ("returns", "an exit leaves the stash to its adopter and the stranger"),
    },
    "steal": {
        "NO_SECOND_BARRIER": ("tso", "one barrier, on x86-64"),
    },
    "transfer": {
        "TAG_ON_PUSH": ("two_operations", "only pushes change the tag"),
        "TAG_ON_POP": ("two_operations", "only pops change the tag"),
    },
    "background": {},
}

# Seeded bugs: the scenario in which each must be found.
BUGS = {
    "stash": {
        "NO_TAG": ("traffic", "the tag stays the same"),
        "LINK_ONCE": ("traffic", "a push that failed is repeated with the old link"),
        "BELOW_ONCE": ("traffic", "a pop that failed is repeated with the old link"),
        "PUSH_BY_STORE": ("traffic", "a push is a load and a store"),
        "POP_BY_STORE": ("bounded_traffic", "a pop is a load and a store"),
        "DRAIN_BY_STORE": ("traffic", "an unbounded drain is a load and a store"),
        "SPILL_DROPPED": ("traffic", "a batch past the limit goes nowhere"),
        "LIMIT_AFTER_PUSH": ("traffic", "the limit is tested after the push, then it spills"),
        "COUNT_AFTER_PUSH": ("traffic", "waiting blocks are counted after the push"),
        "TOUCH_FIRST": ("traffic", "touched is set before the push"),
        "CLEAR_LAST": ("traffic", "touched is cleared after the drain"),
        "PUT_BACK_UNTOUCHED": ("bounded_traffic", "a rest is put back without setting touched"),
        "REST_DROPPED": ("bounded_traffic", "a bounded drain forgets the rest"),
        "RETIRE_FIRST": ("exits", "the owner is listed as retired before its cache is empty"),
        "EXIT_KEEPS_ASIDE": ("exits", "an exit forgets the surplus set aside"),
        "ATTACH_WITHOUT_LOCK": ("returns", "two threads look at the retired list at once"),
        "VISIT_ACTIVE_ONLY": ("exits", "the stranger leaves retired owners alone"),
        "VISIT_RETIRED_ONLY": ("traffic", "the stranger leaves sleeping owners alone"),
        "STEAL_WITHOUT_LOCK": ("two_operations", "the stranger empties the cache without its lock"),
        "PUSH_TAKES_LOCK": ("stops", "a push takes the lock of the owner's cache"),
    },
    "steal": {
        "NO_BARRIERS": ("tso", "neither barrier"),
        "NO_FIRST_BARRIER": ("tso", "the top is read without a barrier"),
        "NO_SECOND_BARRIER": ("weak", "one barrier, on weaker machines"),
        "LOOK_BEFORE_BARRIER": ("tso", "the top is read too early"),
        "NO_NULL_TEST": ("sequential", "settle: a slot written since is taken for ours"),
        "NO_BELOW_TEST": ("sequential", "settle: the slot of a pop under way is taken for ours"),
        "NO_PUTTING_BACK": ("sequential", "settle: a pointer in doubt is forgotten"),
        "PUT_BACK_BLINDLY": ("sequential", "settle: put back over a push"),
        "MARK_BY_STORE": ("sequential", "a slot is nulled by a load and a store"),
        "NO_LOCK": ("sequential", "the thread's slow path does not take the lock"),
        "SLOT_BEFORE_TOP": ("sequential", "a pop reads its slot before it lowers the top"),
        "TOP_BEFORE_SLOT": ("weak", "a push raises the top before it writes the slot"),
        "NOT_UNDONE": ("sequential", "a pop that finds null leaves the top lowered"),
    },
    "transfer": {
        "NO_TAG": ("three_threads", "the tag stays the same"),
        "LINK_ONCE": ("three_threads", "a push that failed is repeated with the old link"),
        "BELOW_ONCE": ("three_threads", "a pop that failed is repeated with the old link"),
        "PUSH_BY_STORE": ("three_threads", "a push is a load and a store"),
        "POP_BY_STORE": ("three_threads", "a pop is a load and a store"),
        "FILL_AFTER_PUSH": ("three_threads", "a batch is filled after its push"),
        "RELEASE_BEFORE_READ": ("three_threads", "a record is released before it is read"),
    },
    "background": {
        "NO_BARRIER": ("two_workers", "no barrier before the last look for work"),
        "LOOK_FIRST": ("two_workers", "the last look for work comes before it says that it leaves"),
        "NO_WAIT": ("two_workers", "who finds it leaving does not wait"),
        "CLEARS_ITSELF": ("two_workers", "it says that it is gone while it is on its stack"),
    },
}
