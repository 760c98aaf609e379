// thread_team.h - several threads that work off one list of blocks. Private to parallel.cpp, which decides when that
// pays; thread_team_pool.cpp and thread_team_openmp.cpp are the two ways to do it, of which a build has one.
// Invariant: a block runs exactly once, and no block runs after run_on_team has returned.
#pragma once

#include <cstdint>
#include <functional>

namespace inlay {

/// Whether this thread is working for a loop already, ours or the host's: another one inside it has to be serial.
bool is_in_team();

/// Calls `run(block)` for each block in [0, n_blocks), in any order, on this thread and at most `members - 1` others.
/// Runs all of them here where others cannot be had. `run` must not throw.
void run_on_team(int members, std::int64_t n_blocks, const std::function<void(std::int64_t)>& run);

}  // namespace inlay
