/* stash.pml - the life of a stash and of the owner it hangs on: src/thread/stash.h,
 * src/thread/owner.h, and what src/thread/thread_cache.cpp and src/heap/background.cpp do with them.
 *
 *   2 freers      free blocks of the owner, whoever has it: push, or spill past the limit
 *   2 threads     the owner's first, and one that adopts it: allocate (miss: aside, stash, store),
 *                 then sleep for ever or exit (empty, retire); after an exit it may come again
 *   1 stranger    the background thread: now and then takes what a cache holds and drains the stash
 *
 * The stash is spelled out, one step per shared access (treiber.pml). What other models look into
 * is one step here: the store (transfer cache and spans), the batch pool, an access to the
 * thread's array, the owners' lock. One owner, one size class.
 *
 * Holds: a block is in one place; an owner has one user; the limit is overshot by a batch a pusher
 * at most; every run ends; and when all others have ended, asleep or not, one more visit of the
 * stranger leaves nothing in the stash and nothing in a cache.
 * With STOPS a thread may stop for ever at any step, inside its lock too: nobody waits for it, and
 * it keeps only what it was moving. (If it stops between putting back a rest and saying so, that
 * rest waits for the next push or the owner's next miss.)
 */

#ifndef BLOCKS
#define BLOCKS 3
#endif
#define BATCHES 4
#ifndef PUSHES_1
#define PUSHES_1 2
#endif
#ifndef PUSHES_2
#define PUSHES_2 1
#endif
#ifndef OPERATIONS
#define OPERATIONS 1 /* allocations and own frees, of each thread */
#endif
#ifndef RETURNS
#define RETURNS 0 /* new threads after the first owner's thread, in its place */
#endif
#ifndef EXITS
#define EXITS true /* threads may end; else they sleep */
#endif
#ifndef VISITS
#define VISITS 1 /* of the stranger, before the last */
#endif
#ifndef LIMIT
#define LIMIT 2 /* blocks that may wait */
#endif
#define MOST_IN_BATCH 2
#ifdef RETIRE_FIRST
#define CACHE_IS_EMPTY skip
#else
#define CACHE_IS_EMPTY assert(array == 0 && aside == 0)
#endif

#define STACKS 1
#define STASH 0
#define POOL 1 /* in where[] only: the pool is no stack here */

#include "treiber.pml"

/* Sets of blocks: bit b is block b. */
#define EVERY ((1 << BLOCKS) - 1)
#define LOWEST(set) ((set) & -(set))
#define COUNT(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1))

byte contents[BATCHES + 1]; /* sets */

byte live = EVERY;  /* the program's */
byte array, aside;  /* the owner's cache */
byte store;         /* transfer cache and spans */
byte waiting;       /* blocks that the stash counts */
bool touched;       /* a push since the stranger last emptied the stash */
bool lock;          /* of the cache */
bool is_active = true;
bool retired;       /* in the list of retired owners */

byte users = 1;     /* ghost: threads that have the owner */
bool stop[2];       /* this thread stops here */
byte ended;

/* The pool lends the first free one. (Its own races: transfer.pml.) */
inline acquire(batch, blocks) {
  batch = 1;
  do
  :: where[batch] != POOL -> batch++
  :: where[batch] == POOL -> break
  od;
  where[batch] = NOBODY;
  contents[batch] = blocks
}

inline release(batch) {
  assert(where[batch] == NOBODY);
  where[batch] = POOL;
  contents[batch] = 0;
  next[batch] = 0;
  batch = 0
}

inline count_up(n) {
  waiting = waiting + n;
  /* One batch of the other pusher that looked at the same time, and a rest put back. */
  assert(waiting <= LIMIT + MOST_IN_BATCH + MOST_IN_BATCH - 1)
}
inline count_down(n) { assert(waiting >= n); waiting = waiting - n }

/* Stash::put. */
inline put(batch) {
#ifdef COUNT_AFTER_PUSH
  push(STASH, batch);
  d_step { count_up(COUNT(contents[batch])) }
#else
  d_step { count_up(COUNT(contents[batch])) }
  push(STASH, batch)
#endif
}

/* ThreadCache::publish and Owner::stash_push. */
inline publish(batch) {
#ifdef TOUCH_FIRST
  touched = true;
#endif
#ifdef PUSH_TAKES_LOCK
  atomic { !lock -> lock = true }
#endif
  put(batch);
#ifdef PUSH_TAKES_LOCK
  lock = false;
#endif
#ifndef TOUCH_FIRST
  touched = true
#endif
}

/* To the store, whoever does it. */
inline send(batch) { d_step { store = store | contents[batch]; release(batch) } }

inline spill(batch) {
#ifdef SPILL_DROPPED
  d_step { release(batch) }
#else
  send(batch)
#endif
}

proctype Freer(byte left) {
  REGISTERS;
  byte batch, blocks;
  do
  :: left > 0 ->
     left--;
     if
     :: atomic { live != 0 ->
          blocks = LOWEST(live);
          live = live & ~blocks;
          if
          :: live != 0 -> blocks = blocks | LOWEST(live); live = live & ~blocks
          :: true
          fi;
          acquire(batch, blocks);
          blocks = 0 }
        if
#ifdef NO_ACTIVE_TEST
        :: true ->
#else
        :: is_active ->
#endif
           if
#ifdef LIMIT_AFTER_PUSH
           :: true ->
              blocks = contents[batch];
              publish(batch);
              batch = 0;
              if
              :: waiting > LIMIT -> store = store | blocks
              :: else
              fi;
              blocks = 0
#else
           :: waiting + COUNT(contents[batch]) <= LIMIT -> publish(batch); batch = 0
           :: else -> spill(batch)
#endif
           fi
#ifndef NO_ACTIVE_TEST
        :: else -> spill(batch)
#endif
        fi
     :: live == 0 /* the program has nothing to free */
     fi
  :: left == 0 -> break
  od;
  ended++
}

/* Stash::pop_all, then the surplus aside: one block goes to the array. */
inline drain_all() {
  load_head(STASH);
  do
  :: seen == 0 -> break
#ifdef DRAIN_BY_STORE
  :: atomic { seen != 0 ->
#else
  :: atomic { seen != 0 && UNCHANGED(STASH) ->
#endif
       below = seen;
       do
       :: below != 0 ->
          assert(where[below] == STASH);
          where[below] = NOBODY;
          below = next[below]
       :: below == 0 -> break
       od;
       head[STASH].tag = POP_TAG(head[STASH].tag);
       head[STASH].index = 0;
       break }
#ifndef DRAIN_BY_STORE
  :: atomic { seen != 0 && !UNCHANGED(STASH) ->
       seen = head[STASH].index;
       seen_tag = head[STASH].tag }
#endif
  od;
  seen_tag = 0;
  if
  :: atomic { seen != 0 ->
       do
       :: seen != 0 ->
          aside = aside | contents[seen];
          count_down(COUNT(contents[seen]));
          batch = seen;
          seen = next[seen];
          release(batch)
       :: seen == 0 -> break
       od;
       array = LOWEST(aside);
       aside = aside & ~array }
  :: seen == 0
  fi
}

/* Takes one batch for one block and puts the rest back. */
inline drain_bounded() {
  pop(STASH, batch);
  if
  :: batch != 0 ->
     d_step { count_down(COUNT(contents[batch])) }
     if
     :: atomic { COUNT(contents[batch]) > 1 ->
          acquire(rest, contents[batch] & ~LOWEST(contents[batch]));
          contents[batch] = LOWEST(contents[batch]) }
#ifdef REST_DROPPED
        d_step { release(rest) }
#else
        put(rest);
        rest = 0;
#ifndef PUT_BACK_UNTOUCHED
        touched = true
#endif
#endif
     :: else
     fi;
     assert(array == 0);
     atomic { array = contents[batch]; release(batch) }
  :: else
  fi
}

/* Takes the topmost block of the array. */
inline pop_array() {
  assert((live & LOWEST(array)) == 0);
  live = live | LOWEST(array);
  array = array & ~LOWEST(array)
}

inline miss() {
  atomic { !lock -> lock = true }
  if
  :: aside != 0 -> d_step { array = LOWEST(aside); aside = aside & ~array }
  :: aside == 0 ->
#ifdef BOUNDED
     drain_bounded();
#else
     drain_all();
#endif
     if
     :: array == 0 -> d_step { array = LOWEST(store); store = store & ~array }
     :: array != 0
     fi
  fi;
  atomic { pop_array(); lock = false }
}

/* ThreadCache::empty. */
inline empty_cache() {
  atomic { !lock -> lock = true }
#ifndef EXIT_KEEPS_ASIDE
  d_step { store = store | aside; aside = 0 }
#endif
#ifndef EXIT_KEEPS_STASH
  do
  :: pop(STASH, batch);
     if
     :: batch != 0 ->
        d_step { count_down(COUNT(contents[batch])) }
        send(batch)
     :: batch == 0 -> break
     fi
  od;
#endif
  batch = 0;
  d_step { assert((store & array) == 0); store = store | array }
  d_step { array = 0; lock = false }
}

inline retire() { d_step { CACHE_IS_EMPTY; is_active = false; retired = true; users-- } }

proctype Thread(byte me; byte lives; bool attached) {
  REGISTERS;
  byte left = OPERATIONS, batch, rest;
  {
    do
#ifdef ATTACH_WITHOUT_LOCK
    :: retired && !attached && lives > 0 -> atomic {
#else
    :: atomic { retired && !attached && lives > 0 ->
#endif
         retired = false;
         is_active = true;
         users++;
         assert(users == 1);
         attached = true;
         lives-- }
    :: atomic { attached && left > 0 && live != 0 -> /* a free of its own */
         left--;
         array = array | LOWEST(live);
         live = live & ~LOWEST(live) }
    :: attached && left > 0 ->
       left--;
       if
       :: atomic { array != 0 -> pop_array() }
       :: array == 0 -> miss()
       fi
    :: attached && EXITS -> /* its owner retires */
       attached = false;
#ifdef RETIRE_FIRST
       retire(); empty_cache()
#else
       empty_cache(); retire()
#endif
    :: break /* sleeps, or is no more */
    od
  } unless { stop[me] };
  ended++
}

/* Background::visit: what the cache holds, then what waits. */
inline visit() {
#ifdef STEAL_WITHOUT_LOCK
  d_step { blocks = aside | array; array = 0 }
  d_step { store = store | blocks; aside = aside & ~blocks; blocks = 0 }
#else
  if
  :: d_step { !lock ->
       store = store | aside | array;
       aside = 0;
       array = 0 }
  :: lock
  fi;
#endif
#if defined(VISIT_ACTIVE_ONLY)
  look = is_active;
#elif defined(VISIT_RETIRED_ONLY)
  look = !is_active;
#else
  look = true;
#endif
#ifndef CLEAR_LAST
  d_step { look = look && touched; touched = touched && !look }
#else
  look = look && touched;
#endif
  do
  :: look ->
     pop(STASH, batch);
     if
     :: batch != 0 ->
        d_step { count_down(COUNT(contents[batch])) }
        send(batch)
     :: batch == 0 -> look = false
     fi
  :: !look -> break
  od;
#ifdef CLEAR_LAST
  touched = false;
#endif
  batch = 0
}

/* After the last visit. What a thread that stopped inside its lock was moving stays with it. */
#ifdef BOUNDED
#define MAY_STRAND (stop[0] || stop[1])
#else
#define MAY_STRAND false
#endif

/* After the last visit. A thread that stopped keeps what it was moving, and its lock. */
inline audit() {
  d_step {
    assert(head[STASH].index == 0 || MAY_STRAND);
    batch = 1;
    do
    :: batch <= BATCHES ->
       assert(where[batch] != STASH || MAY_STRAND);
       blocks = blocks | contents[batch];
       batch++
    :: batch > BATCHES -> break
    od;
    assert(stop[0] || stop[1] || (!lock && waiting == 0 && blocks == 0));
    assert((live | array | aside | store | blocks) == EVERY);
    if
    :: !lock ->
       assert(array == 0 && aside == 0);
       assert(COUNT(live) + COUNT(array) + COUNT(store) + COUNT(blocks) == BLOCKS)
    :: lock -> assert((live & store) == 0)
    fi
  }
}

proctype Stranger() {
  REGISTERS;
  byte batch, blocks, left = VISITS;
  bool look;
  do
  :: left > 0 -> left--; visit()
  :: left == 0 -> break
  od;
  ended == 4;
  visit();
  audit()
}

init {
  byte batch;
  atomic {
    batch = 1;
    do
    :: batch <= BATCHES -> where[batch] = POOL; batch++
    :: batch > BATCHES -> break
    od;
    run Freer(PUSHES_1);
    run Freer(PUSHES_2);
    run Thread(0, RETURNS, true);
    run Thread(1, 1, false);
    run Stranger()
  }
#ifdef STOPS
  if
  :: stop[0] = true
  :: stop[1] = true
  :: true
  fi
#endif
}
