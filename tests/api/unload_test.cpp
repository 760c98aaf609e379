// unload_test.cpp - a host that loads the library, has it start threads, and unloads it again.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <thread>

#include "tests/unit/sanitized.h"

#ifdef INLAY_THREADS_END
/// Whether this thread is soon the only one: the system forgets one that has ended a moment later.
static bool is_alone() {
  long threads = 0;
  for (int patience = 0; patience < 1000 && threads != 1; ++patience) {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    threads = std::distance(begin(tasks), end(tasks));
    if (threads != 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return threads == 1;
}
#endif

/// On a thread of its own: a library that has thread-local values stays loaded until the threads that have them end.
static double compute_elsewhere(void* symbol) {
  double result = 0;
  std::thread([&] { result = reinterpret_cast<double (*)()>(symbol)(); }).join();
  return result;
}

TEST_CASE("the library can be unloaded after its threads have worked, and loaded again") {
  for (int round = 0; round < (inlay::kIsSanitized ? 20 : 100); ++round) {
    void* module = dlopen(INLAY_LOADED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    REQUIRE_MESSAGE(module != nullptr, dlerror());
    void* symbol = dlsym(module, "compute");
    REQUIRE(symbol != nullptr);
    CHECK(compute_elsewhere(symbol) == 6291456.0);
    CHECK(dlclose(module) == 0);
#ifdef INLAY_THREADS_END
    CHECK(is_alone());
#endif
  }
}
