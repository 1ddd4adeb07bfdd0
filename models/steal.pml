/* steal.pml - a stranger empties the array of a thread that pops and pushes without a lock or a
 * fence: src/thread/slot_stack.h, under the cache's lock as in src/thread/thread_cache.cpp.
 *
 * The thread's stores wait in buffers before they reach memory, and its own loads see them there.
 * MEMORY says in which order they leave: SC at once; TSO in program order, as on x86-64; WEAK:
 * stores to the top overtake those to slots, and a store to a slot (a release) comes after
 * all before it. The stranger's barrier empties the buffers (membarrier). What is not modelled: loads that are
 * late; tests/model/slot_stack_test.cpp has those.
 *
 *   slot[0]  slot[1] slot[2] ...        pop:  lowers top, takes slot[top]; raises it again from null
 *   null     p       p        <- top    push: writes slot[top], then raises top
 *
 * Holds: each pointer ends in one place, the thread's hands, the stranger's or the array.
 */

#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef POINTERS
#define POINTERS 4 /* those that are not in the array at first are pushed as fresh ones */
#endif
#ifndef OPERATIONS
#define OPERATIONS 5 /* pops and pushes of the thread */
#endif
#ifndef STEALS
#define STEALS 1
#endif

#define SC 0
#define TSO 1
#define WEAK 2
#ifndef MEMORY
#define MEMORY WEAK
#endif

#define WAITING 3 /* stores that one buffer holds */

/* Memory. The thread alone writes the top, so it always knows its newest value, own_top. */
byte slot[SLOTS + 2];
byte top;
byte own_top;
bool lock;

/* Stores on their way, oldest first. `after`: how many of the other buffer must leave before. */
byte slot_stores, top_stores;
byte slot_at[WAITING], slot_value[WAITING], slot_after[WAITING];
byte top_value[WAITING], top_after[WAITING];

/* Ghosts: who has the pointer. */
byte live[POINTERS + 1];
byte stolen[POINTERS + 1];
byte made;
byte finished;

inline slot_store_leaves() {
  slot[slot_at[0]] = slot_value[0];
  slot_stores--;
  k = 0;
  do
  :: k + 1 < WAITING ->
     slot_at[k] = slot_at[k + 1];
     slot_value[k] = slot_value[k + 1];
     slot_after[k] = slot_after[k + 1];
     k++
  :: else -> break
  od;
  slot_at[WAITING - 1] = 0; slot_value[WAITING - 1] = 0; slot_after[WAITING - 1] = 0;
  k = 0;
  do
  :: k < WAITING -> top_after[k] = (top_after[k] > 0 -> top_after[k] - 1 : 0); k++
  :: else -> break
  od;
  k = 0
}

inline top_store_leaves() {
  top = top_value[0];
  top_stores--;
  k = 0;
  do
  :: k + 1 < WAITING -> top_value[k] = top_value[k + 1]; top_after[k] = top_after[k + 1]; k++
  :: else -> break
  od;
  top_value[WAITING - 1] = 0; top_after[WAITING - 1] = 0;
  k = 0;
  do
  :: k < WAITING -> slot_after[k] = (slot_after[k] > 0 -> slot_after[k] - 1 : 0); k++
  :: else -> break
  od;
  k = 0
}

/* A full fence in the thread, as one step. */
inline barrier() {
  d_step {
    do
    :: slot_stores > 0 -> slot_store_leaves()
    :: else -> break
    od;
    do
    :: top_stores > 0 -> top_store_leaves()
    :: else -> break
    od
  }
}

/* The thread's accesses. */
inline store_slot(at, value) {
#if MEMORY == SC
  slot[at] = value
#else
  d_step { slot_stores < WAITING ->
    slot_at[slot_stores] = at;
    slot_value[slot_stores] = value;
    slot_after[slot_stores] = top_stores;
    slot_stores++ }
#endif
}

inline store_top(value) {
#if MEMORY == SC
  d_step { top = value; own_top = top }
#else
  d_step { top_stores < WAITING ->
    top_value[top_stores] = value;
#if MEMORY == TSO
    top_after[top_stores] = slot_stores;
#endif
    top_stores++;
    own_top = value } /* last: the value may be named by it */
#endif
}

inline load_slot(at, result) {
  d_step {
    result = slot[at];
    k = 0;
    do
    :: k < slot_stores -> result = (slot_at[k] == at -> slot_value[k] : result); k++
    :: else -> break
    od;
    k = 0
  }
}

inline take_lock() {
#ifndef NO_LOCK
  atomic { !lock -> lock = true }
#endif
#if MEMORY == TSO
  (slot_stores == 0 && top_stores == 0) /* a locked instruction */
#else
  skip
#endif
}

inline leave_lock() {
  (slot_stores == 0 && top_stores == 0); /* a release */
#ifndef NO_LOCK
  lock = false
#endif
}

inline receive(pointer) {
  d_step {
    live[pointer]++;
    assert(live[pointer] == 1 && stolen[pointer] == 0) /* else it is handed out twice */
  }
}

inline try_pop() {
#ifdef SLOT_BEFORE_TOP
  load_slot(own_top - 1, pointer);
  store_top(own_top - 1);
#else
  store_top(own_top - 1);
  load_slot(own_top, pointer);
#endif
  if
  :: pointer != 0 -> receive(pointer)
#ifdef NOT_UNDONE
  :: pointer == 0 && own_top == 0 -> store_top(1) /* no further than to the floor */
  :: pointer == 0 && own_top != 0
#else
  :: pointer == 0 -> store_top(own_top + 1)
#endif
  fi
}

/* Closes the gaps that a stranger left, under the lock. */
inline compact() {
  kept = 1; at = 1;
  do
  :: at < own_top ->
     load_slot(at, pointer);
     if
     :: pointer != 0 -> store_slot(kept, pointer); kept++
     :: pointer == 0
     fi;
     at++
  :: at >= own_top -> break
  od;
  at = 0;
  store_top(kept);
  kept = 0
}

inline push_one(pointer) {
#ifdef TOP_BEFORE_SLOT
  store_top(own_top + 1);
  store_slot(own_top - 1, pointer)
#else
  store_slot(own_top, pointer);
  store_top(own_top + 1)
#endif
}

proctype Thread() {
  byte left = OPERATIONS, pointer, mine, at, kept, k;
  do
  :: left > 0 -> /* pop */
     left--;
     try_pop();
     if
     :: pointer == 0 ->
        take_lock();
        compact();
        try_pop();
        leave_lock()
     :: pointer != 0
     fi;
     mine = (pointer != 0 -> pointer : mine);
     pointer = 0
  :: left > 0 && own_top <= SLOTS && mine != 0 -> /* push what was popped last */
     left--;
     d_step { live[mine]--; pointer = mine; mine = 0 }
     push_one(pointer);
     pointer = 0
  :: left > 0 && own_top <= SLOTS && made < POINTERS -> /* push one never seen before */
     left--;
     d_step { made++; pointer = made }
     push_one(pointer);
     pointer = 0
  :: break
  od;
  left = 0; mine = 0;
  finished++
}

/* The buffers. */
#if MEMORY != SC
active proctype Machine() {
  byte k;
end:
  do
  :: d_step { slot_stores > 0 && slot_after[0] == 0 -> slot_store_leaves() }
  :: d_step { top_stores > 0 && top_after[0] == 0 -> top_store_leaves() }
  od
}
#endif

inline mark() {
  looked_at = (top > 1 -> top - 1 : 0);
  p = 1;
  do
  :: p <= looked_at ->
#ifdef MARK_BY_STORE
     taken[p] = slot[p];
     slot[p] = 0;
#else
     d_step { taken[p] = slot[p]; slot[p] = 0 }
#endif
     p++
  :: p > looked_at -> break
  od;
  p = 0
}

#if defined(NO_BELOW_TEST)
#define PUTS_BACK false
#else
#define PUTS_BACK p >= top_seen
#endif

inline settle() {
  p = 1;
  do
  :: p <= looked_at ->
     if
     :: taken[p] == 0
     :: taken[p] != 0 && (PUTS_BACK) ->
#if defined(PUT_BACK_BLINDLY)
        slot[p] = taken[p]
#elif !defined(NO_PUTTING_BACK)
        d_step { slot[p] = (slot[p] == 0 -> taken[p] : slot[p]) }
#else
        skip
#endif
     :: taken[p] != 0 && !(PUTS_BACK) ->
        d_step {
          if
#ifdef NO_NULL_TEST
          :: true ->
#else
          :: slot[p] == 0 ->
#endif
             stolen[taken[p]]++;
             assert(stolen[taken[p]] == 1 && live[taken[p]] == 0)
          :: else
          fi
        }
     fi;
     taken[p] = 0;
     p++
  :: p > looked_at -> break
  od;
  p = 0
}

proctype Stranger() {
  byte left = STEALS, looked_at, top_seen, p, k;
  byte taken[SLOTS + 1];
  do
  :: left > 0 ->
     left--;
     if
     :: atomic { !lock -> lock = true }
        mark();
#ifdef LOOK_BEFORE_BARRIER
        top_seen = top;
#endif
#if !defined(NO_FIRST_BARRIER) && !defined(NO_BARRIERS)
        barrier();
#endif
#ifndef LOOK_BEFORE_BARRIER
        top_seen = top;
#endif
#if !defined(NO_SECOND_BARRIER) && !defined(NO_BARRIERS)
        barrier();
#endif
        settle();
        d_step { looked_at = 0; top_seen = 0 }
        lock = false
     :: lock /* the thread is inside: try again later, or never */
     fi
  :: left == 0 -> break
  od;
  finished++
}

init {
  byte p, k;
  atomic {
    if
    :: made = 1
    :: made = 2
    :: made = 3
    fi;
    p = 1;
    d_step {
      do
      :: p <= made -> slot[p] = p; p++
      :: p > made -> break
      od;
      top = p; own_top = p; p = 0
    }
    run Thread();
    run Stranger()
  }
  finished == 2;
  barrier();
  d_step {
    assert(top == own_top);
    p = 1;
    do
    :: p < top -> live[slot[p]]++; p++
    :: p >= top -> break
    od;
    p = 1;
    do
    :: p <= made -> assert(live[p] + stolen[p] == 1); p++ /* else it is lost, or in two places */
    :: p > made -> break
    od
  }
}
