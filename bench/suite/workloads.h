// The functions behind the table, one line for each row; each is in a file under workloads/.
#pragma once

namespace tamari::bench {

class Run;

void symbolic(Run& run);
void numeric(Run& run);
void simulation(Run& run);
void server_small(Run& run);
void server_large(Run& run);
void batch_lifo(Run& run);
void batch_fifo(Run& run);
void batch_random(Run& run);
void sessions(Run& run);
void produce_1_to_1(Run& run);
void produce_1_to_n(Run& run);
void produce_n_to_1(Run& run);
void pipeline(Run& run);
void free_only(Run& run);
void never_free(Run& run);
void sharing_active(Run& run);
void sharing_passive(Run& run);
void migration(Run& run);
void pages(Run& run);
void huge_blocks(Run& run);
void growing_arrays(Run& run);
void zeroed(Run& run);
void aligned(Run& run);
void thread_churn(Run& run);
void idle_threads(Run& run);
void worker_pool(Run& run);
void spike_keep_none(Run& run);
void spike_keep_some(Run& run);
void sleeping_owner(Run& run);
void sawtooth(Run& run);

}  // namespace tamari::bench
