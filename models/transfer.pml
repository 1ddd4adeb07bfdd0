/* transfer.pml - batch records that go round between the batch pool and the transfer cache
 * (src/central/transfer_cache.h, src/central/batch.h): ABA. A thread acquires a record from the
 * pool, fills it and inserts it; or it removes one, takes its block and releases the record. Every
 * stack operation is spelled out (treiber.pml).
 *
 * Holds: a batch is in one place, a block is in one place, and in the end all of them are there.
 */

#ifndef THREADS
#define THREADS 3
#endif
#ifndef OPERATIONS
#define OPERATIONS 2 /* of each thread */
#endif
#ifndef BATCHES
#define BATCHES 3
#endif
#define BLOCKS BATCHES /* one in each batch; at first all batches are in the transfer cache */

#define STACKS 2
#define POOL 0
#define TRANSFER 1

#include "treiber.pml"

byte contents[BATCHES + 1]; /* the block in each batch; 0: none */
byte held[BLOCKS + 1];      /* ghost: how many threads hold the block */
byte finished;

proctype Thread() {
  REGISTERS;
  byte batch, block, left = OPERATIONS;
  do
  :: left > 0 && block != 0 -> /* insert */
     pop(POOL, batch);
     if
     :: batch != 0 ->
#ifdef FILL_AFTER_PUSH
        push(TRANSFER, batch);
        d_step { contents[batch] = block; held[block]--; block = 0; batch = 0 }
#else
        d_step { contents[batch] = block; held[block]--; block = 0 }
        push(TRANSFER, batch);
        batch = 0
#endif
     :: else
     fi;
     left--
  :: left > 0 && block == 0 -> /* remove */
     pop(TRANSFER, batch);
     if
     :: batch != 0 ->
#ifdef RELEASE_BEFORE_READ
        push(POOL, batch);
        d_step { block = contents[batch]; held[block]++; assert(block == 0 || held[block] == 1) }
#else
        d_step {
          block = contents[batch];
          contents[batch] = 0;
          assert(block != 0);
          held[block]++;
          assert(held[block] == 1)
        }
        push(POOL, batch);
#endif
        batch = 0
     :: else
     fi;
     left--
  :: break
  od;
  left = 0;
  finished++
}

/* Everything is in one place. The chains are walked, so a ghost that lies is found. */
inline audit() {
  s = 0;
  do
  :: s < STACKS ->
     b = head[s].index;
     do
     :: b != 0 ->
        assert(where[b] == s);
        where[b] = NOBODY;
        if
        :: s == TRANSFER -> assert(contents[b] != 0); held[contents[b]]++
        :: else
        fi;
        b = next[b]
     :: b == 0 -> break
     od;
     s++
  :: s == STACKS -> break
  od;
  b = 1;
  do
  :: b <= BATCHES -> assert(where[b] == NOBODY); assert(held[b] == 1); b++
  :: b > BATCHES -> break
  od
}

init {
  byte s, b;
  d_step {
    b = 1;
    do
    :: b <= BATCHES ->
       where[b] = TRANSFER;
       next[b] = b - 1;
       contents[b] = b;
       b++
    :: b > BATCHES -> break
    od;
    head[TRANSFER].index = BATCHES;
    b = 0
  }
  atomic {
    s = 0;
    do
    :: s < THREADS -> run Thread(); s++
    :: s == THREADS -> break
    od;
    s = 0
  }
  finished == THREADS;
  d_step { audit() }
}
