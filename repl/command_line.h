// command_line.h - what the user asked for on the command line.
// Invariant: parsing starts nothing and writes only what help, version and usage need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inlay/limits.hpp"

namespace inlay::program {

/// Exit statuses. The numbers are part of the command line.
enum Status : int { kDone = 0, kScriptError = 1, kUsage = 2, kLimit = 3, kInterrupted = 130, kClosedPipe = 141 };

enum class Action { run, check, lower, explain, timeit, help, prompt };

struct CommandLine {
  Action action = Action::run;
  std::string file;                    // "-" is standard input; empty with `code`
  std::optional<std::string> code;     // of -c, each a line
  std::vector<std::string> arguments;  // `argv` of the script, its own name first
  std::string variables_file;          // of --vars-json
  std::string stage = "ir";            // of lower
  bool json = false;                   // of help and timeit: for tools
  std::string setup;                   // of timeit: runs once before
  double budget = 1.0;                 // of timeit: seconds
  int threads = 0;
  Limits limits;
  bool sandbox = false;                    // no files but those of the folders below
  std::vector<std::string> read_folders;   // of --allow-read
  std::vector<std::string> write_folders;  // of --allow-write
  bool fuse = true;                        // --no-fuse: one operation after the other
  bool interactive = false;                // -i: a prompt after the script, and without a terminal too
  bool quiet = false;                      // -q: no greeting
  bool init = true;                        // --no-init: the prompt does not run init.inlay
  bool keep_going = false;                 // --keep-going: the next statement after an error
  bool json_errors = false;                // --json-errors: errors as lines of JSON
};

/// The command line, or the exit status if everything has been said: help, version, a usage error.
struct Parsed {
  CommandLine command;
  std::optional<int> status;
};
Parsed parse_command_line(int argc, const char* const* argv);
/// "run", "check", …
std::vector<std::string> command_names();

}  // namespace inlay::program
