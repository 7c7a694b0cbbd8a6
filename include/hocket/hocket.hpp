// SPDX-License-Identifier: MIT
// All of hocket: every public header, floor by floor. Above all floors: no header of hocket includes it. A program that
// needs one thing compiles faster with the header of that thing.
#pragma once

#include <hocket/base/any_stop_token.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/base/index_range.hpp>
#include <hocket/base/iterator_range.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/progress_callback.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/base/types.hpp>
#include <hocket/base/version.hpp>

#include <hocket/machine/binding.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/environment.hpp>
#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/machine/topology.hpp>

#include <hocket/sched/stop_scope.hpp>

#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/schedule_awaitable.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/pool/worker_local.hpp>

#include <hocket/task/as_completed.hpp>
#include <hocket/task/awaitables.hpp>
#include <hocket/task/blocking.hpp>
#include <hocket/task/coroutine.hpp>
#include <hocket/task/future.hpp>
#include <hocket/task/future_forward.hpp>
#include <hocket/task/graph_body.hpp>
#include <hocket/task/graph_node.hpp>
#include <hocket/task/join.hpp>
#include <hocket/task/periodic.hpp>
#include <hocket/task/pipeline.hpp>
#include <hocket/task/priority.hpp>
#include <hocket/task/promise.hpp>
#include <hocket/task/semaphore.hpp>
#include <hocket/task/stage.hpp>
#include <hocket/task/submit.hpp>
#include <hocket/task/submit_options.hpp>
#include <hocket/task/task_graph.hpp>
#include <hocket/task/task_group.hpp>
#include <hocket/task/task_link.hpp>
#include <hocket/task/when_all.hpp>
#include <hocket/task/when_any.hpp>

#include <hocket/algorithm/async.hpp>
#include <hocket/algorithm/extents.hpp>
#include <hocket/algorithm/parallel_copy_if.hpp>
#include <hocket/algorithm/parallel_count_if.hpp>
#include <hocket/algorithm/parallel_fill.hpp>
#include <hocket/algorithm/parallel_find_if.hpp>
#include <hocket/algorithm/parallel_for.hpp>
#include <hocket/algorithm/parallel_for_chunks.hpp>
#include <hocket/algorithm/parallel_for_each.hpp>
#include <hocket/algorithm/parallel_group_by.hpp>
#include <hocket/algorithm/parallel_histogram.hpp>
#include <hocket/algorithm/parallel_imap.hpp>
#include <hocket/algorithm/parallel_map.hpp>
#include <hocket/algorithm/parallel_merge.hpp>
#include <hocket/algorithm/parallel_min_element.hpp>
#include <hocket/algorithm/parallel_nth_element.hpp>
#include <hocket/algorithm/parallel_partition.hpp>
#include <hocket/algorithm/parallel_reduce.hpp>
#include <hocket/algorithm/parallel_reduce_by_key.hpp>
#include <hocket/algorithm/parallel_remove_if.hpp>
#include <hocket/algorithm/parallel_scan.hpp>
#include <hocket/algorithm/parallel_sort.hpp>
#include <hocket/algorithm/parallel_stable_sort.hpp>
#include <hocket/algorithm/parallel_starmap.hpp>
#include <hocket/algorithm/stream_core.hpp>
