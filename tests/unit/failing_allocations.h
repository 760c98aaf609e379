// failing_allocations.h - allocations that fail when a test says so: malloc, calloc, realloc and mmap of the program.
// Invariant: those of the thread that set the plan alone.
#pragma once

/// Which allocations of this thread fail.
struct AllocationPlan {
  long left = 0;          // allocations before the one that fails; 0: none fails
  bool for_ever = false;  // and every one behind it
  bool has_failed = false;
};
AllocationPlan& allocation_plan();
