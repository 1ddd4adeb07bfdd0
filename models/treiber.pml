/* treiber.pml - the operations of src/central/batch_stack.h, one step per access to shared memory:
 * the load of the head, the write or read of a link, the compare-and-swap. Included by the models
 * that use the stack. Memory is sequentially consistent here; memory orders are the business of
 * tests/model.
 *
 * A model defines BATCHES, and where[] says for each batch in which stack it really is: a ghost,
 * never read by the protocol. Each process declares its registers with REGISTERS.
 */

#define NOBODY 255 /* where[]: in the hands of one process */

typedef Head { byte tag; byte index } /* one 64-bit word: read and written as a whole */

Head head[STACKS];
byte next[BATCHES + 1];
byte where[BATCHES + 1];

#define REGISTERS byte seen, seen_tag, below

#define UNCHANGED(s) (head[s].index == seen && head[s].tag == seen_tag)

#if defined(NO_TAG)
#define PUSH_TAG(t) t
#define POP_TAG(t) t
#elif defined(TAG_ON_PUSH)
#define PUSH_TAG(t) t + 1
#define POP_TAG(t) t
#elif defined(TAG_ON_POP)
#define PUSH_TAG(t) t
#define POP_TAG(t) t + 1
#else
#define PUSH_TAG(t) t + 1
#define POP_TAG(t) t + 1
#endif

#ifdef PUSH_BY_STORE
#define PUSH_MAY_WRITE(s) true
#else
#define PUSH_MAY_WRITE(s) UNCHANGED(s)
#endif
#ifdef POP_BY_STORE
#define POP_MAY_WRITE(s) true
#else
#define POP_MAY_WRITE(s) UNCHANGED(s)
#endif

inline load_head(s) {
  d_step { seen = head[s].index; seen_tag = head[s].tag }
}

/* push(): by then the caller alone has `batch`. */
inline push(s, batch) {
  load_head(s);
#ifdef LINK_ONCE
  next[batch] = seen;
#endif
  do
  ::
#ifndef LINK_ONCE
     next[batch] = seen;
#endif
     if
     :: atomic { PUSH_MAY_WRITE(s) ->
          assert(where[batch] == NOBODY);
          where[batch] = s;
          head[s].tag = PUSH_TAG(head[s].tag);
          head[s].index = batch;
          break }
     :: atomic { !PUSH_MAY_WRITE(s) ->
          seen = head[s].index;
          seen_tag = head[s].tag }
     fi
  od;
  seen = 0; seen_tag = 0
}

/* pop(): leaves the batch in `got`, 0: the stack was empty. */
inline pop(s, got) {
  load_head(s);
#ifdef BELOW_ONCE
  below = next[seen];
#endif
  do
  :: seen == 0 -> break
  :: seen != 0 ->
#ifndef BELOW_ONCE
     below = next[seen];
#endif
     if
     :: atomic { POP_MAY_WRITE(s) ->
          assert(where[seen] == s); /* else it is handed out a second time */
          where[seen] = NOBODY;
          head[s].tag = POP_TAG(head[s].tag);
          head[s].index = below;
          break }
     :: atomic { !POP_MAY_WRITE(s) ->
          seen = head[s].index;
          seen_tag = head[s].tag }
     fi
  od;
  got = seen;
  d_step { seen = 0; seen_tag = 0; below = 0 }
}
