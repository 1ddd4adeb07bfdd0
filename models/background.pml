/* background.pml - the thread that gives memory back is made by whoever has work for it, and leaves
 * by itself: wake(), start() and run() of src/heap/background.h and src/heap/background.cpp.
 *
 * Each program thread's work waits in a store buffer before others see it; its own loads see it
 * there. The barrier (membarrier) empties the buffers, and so does a compare-and-swap the caller's.
 *
 * Holds: no two of those threads are on their one stack; when the last has left, no work is left.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* of each worker: brings work, then wakes */
#endif

#define NO_THREAD 0
#define BEING_MADE 1
#define ALIVE 2

byte thread = NO_THREAD;
bool leaving;
byte work;

bool buffered[WORKERS]; /* work on its way to memory */

/* Ghosts. */
byte on_stack;
byte finished;

inline flush(who) {
  d_step {
    if
    :: buffered[who] -> buffered[who] = false; work++
    :: else
    fi
  }
}

inline barrier() {
  d_step {
    k = 0;
    do
    :: k < WORKERS ->
       if
       :: buffered[k] -> buffered[k] = false; work++
       :: else
       fi;
       k++
    :: else -> break
    od;
    k = 0
  }
}

proctype Background() {
  byte k;
works:
  do
  :: work > 0 -> work = 0
  :: work == 0 -> break
  od;
#ifdef LOOK_FIRST
  if
  :: work > 0 -> goto works
  :: else -> leaving = true
  fi;
#else
  if
  :: leaving = true;
#ifndef NO_BARRIER
     barrier()
  :: atomic { barrier(); leaving = true } /* the store left no sooner */
#endif
  fi;
  if
  :: work > 0 -> leaving = false; goto works
  :: else
  fi;
#endif
#ifdef CLEARS_ITSELF
  thread = NO_THREAD;
  on_stack--
#else
  d_step { on_stack--; thread = NO_THREAD } /* the kernel clears it */
#endif
}

proctype Worker(byte me) {
  byte rounds;
  do
  :: rounds < ROUNDS ->
     rounds++;
     atomic { !buffered[me] -> buffered[me] = true };
     /* wake() */
     if
     :: thread != NO_THREAD -> /* as seen; `leaving` is another load */
        if
        :: !leaving -> goto next
        :: else
        fi
     :: else
     fi;
     if
     :: buffered[me] || work > 0
     :: else -> goto next
     fi;
     /* start() */
#ifndef NO_WAIT
     !leaving || thread != ALIVE;
#endif
     atomic {
       flush(me);
       if
       :: thread == NO_THREAD -> thread = BEING_MADE
       :: else -> goto next
       fi
     };
     leaving = false;
     d_step { assert(on_stack == 0); on_stack++; thread = ALIVE };
     run Background();
next:
     skip
  :: else -> break
  od;
  finished++
}

/* A store leaves when it likes. */
proctype Memory(byte who) {
end:
  do
  :: d_step { buffered[who] -> buffered[who] = false; work++ }
  od
}

init {
  byte k;
  atomic {
    do
    :: k < WORKERS -> run Memory(k); run Worker(k); k++
    :: else -> break
    od
  }
  atomic {
    finished == WORKERS && on_stack == 0;
    barrier();
    assert(work == 0)
  }
}
