// command_line.cpp - options by CLI11; the texts of help and usage.
// What follows the script's name belongs to the script, whatever it looks like.
#include "repl/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "inlay/inlay.hpp"
#include "repl/did_you_mean.h"
#include "repl/limits.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

constexpr const char* kHelp =
    R"(Inlay: Starlark for tensors. Every assignment, argument and return is a copy.

  inlay                          a prompt; without a terminal, runs its input
  inlay [run] [OPTION...] FILE [ARG...]
                                 runs a script; `-` is standard input
  inlay [OPTION...] -c CODE... [ARG...]
                                 runs CODE; each further -c is a further line
  inlay check FILE               reports every error that can be known unrun
  inlay lower [--stage ast|ir] FILE | -c CODE...
                                 shows the syntax tree or the functional core
  inlay explain [--threads N] FILE | -c CODE...
                                 runs it and says, for each statement, what was
                                 done in place, what was copied and why, bytes
                                 moved and time
  inlay timeit [--json] [--budget S] [--setup CODE] STATEMENT
                                 how long a statement takes
  inlay help [NAME]              what a function does; all names without NAME

Options:
  --threads N        threads that one operation may use (as many as there are
                     processors); results have the same bits for any number
  --no-fuse          one elementwise operation after the other, with the same
                     bits; gradients up to rounding
  --limit NAME=VALUE stops a script that uses more: fuel (steps), memory (bytes;
                     3/4 of the machine's), output (bytes), written (bytes of
                     files), seconds, elements, rank, depth, source, nesting;
                     K, M, G, T are powers of 1024
  --sandbox          no files, no modules beside the script, and the limits of
                     an embedded interpreter (docs/limits.md)
  --allow-read DIR, --allow-write DIR
                     but the files in this folder (implies --sandbox)
  --vars-json OUT    then writes every variable to OUT, one JSON line each;
                     after an error too
  -i, --interactive  a prompt after the script
  -q, --quiet        a prompt without a greeting
  --no-init          a prompt that does not run init.inlay first
  --color WHEN       auto (at a terminal), always or never
  --keep-going       goes on with the next statement after an error
  --json-errors      errors as lines of JSON
  --version          says the version
  -h, --help         says this

A script finds its arguments in `argv`, modules (`import name`) as name.inlay
beside itself, and files by load, save, loadtxt and savetxt.

Exit status: 0 done, 1 error in the script, 2 usage or missing file, 3 a limit
was hit, 130 interrupted, 141 closed pipe; exit(n) in a script: n.

Environment: NO_COLOR turns colours off. The prompt keeps its history in
$XDG_STATE_HOME/inlay/history (~/.local/state/inlay/history) and runs
$XDG_CONFIG_HOME/inlay/init.inlay (~/.config/inlay/init.inlay) first.
)";

Parsed finished(int status) { return {{}, status}; }

Parsed usage(const std::string& reason) {
  std::fprintf(stderr, "inlay: %s (usage: inlay [OPTION...] FILE [ARG...]; inlay --help says more)\n", reason.c_str());
  return finished(kUsage);
}

/// Options of every command.
struct Common {
  bool help = false;
  bool version = false;
  ColorChoice color = ColorChoice::automatic;
};

const std::map<std::string, ColorChoice> kColors = {
    {"auto", ColorChoice::automatic}, {"always", ColorChoice::always}, {"never", ColorChoice::never}};

// What CLI11 puts behind the name of an option whose value is none.

CLI::Validator one_of(const std::vector<std::string>& words) {
  return {[words](const std::string& word) {
            const bool is_known = std::find(words.begin(), words.end(), word) != words.end();
            return is_known ? "" : fmt::format("'{}' is none of {}", word, fmt::join(words, ", "));
          },
          ""};
}

template <class Number>
CLI::Validator number_from(Number least, Number most) {
  return {[=](const std::string& word) {
            Number number{};
            const bool is_number = CLI::detail::lexical_cast(word, number) && number >= least && number <= most;
            return is_number ? "" : fmt::format("'{}' is no number from {} to {}", word, least, most);
          },
          ""};
}

void add_common(CLI::App& app, Common& common) {
  app.set_help_flag();
  app.add_flag("-h,--help", common.help);
  app.add_flag("--version", common.version);
  const auto choose = [&common](const CLI::results_t& words) {
    common.color = kColors.at(words.back());
    return true;
  };
  app.add_option("--color", choose)->expected(1)->take_last()->check(one_of({"auto", "always", "never"}));
}

std::optional<Parsed> answer(const Common& common) {
  choose_color(common.color);
  if (common.help)
    std::fputs(kHelp, stdout);
  else if (common.version)
    std::printf("inlay %.*s\n", static_cast<int>(version().size()), version().data());
  else
    return std::nullopt;
  return finished(kDone);
}

/// Options of every command that runs scripts.
struct RunOptions {
  std::vector<std::string> limits;
};

/// An option that may be given again, with one word each time.
void add_words(CLI::App& app, const char* name, std::vector<std::string>& words) {
  app.add_option(name, words)->allow_extra_args(false);
}

/// Of commands that read a text, too.
void add_limits(CLI::App& app, CommandLine& command, RunOptions& options) {
  add_words(app, "--limit", options.limits);
  app.add_flag("--sandbox", command.sandbox);
}

void add_run_options(CLI::App& app, CommandLine& command, RunOptions& options) {
  app.add_option("--threads", command.threads)->check(number_from(1, 4096));
  app.add_flag("!--no-fuse", command.fuse);
  add_limits(app, command, options);
  add_words(app, "--allow-read", command.read_folders);
  add_words(app, "--allow-write", command.write_folders);
}

/// What CLI11's texts name: "--limit: 1 required TEXT missing", "Could not convert: --no-fuse = x".
std::string option_in(std::string_view text) {
  const std::size_t begin = std::min(text.find('-'), text.size());
  return std::string(text.substr(begin, text.find_first_of(": ", begin) - begin));
}

std::string unknown_option(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return fmt::format("unknown option {}{}", word, did_you_mean(word, names));
}

/// What the options come to; gives what is wrong with them.
std::string settle(CommandLine& command, const RunOptions& options) {
  command.sandbox = command.sandbox || !command.read_folders.empty() || !command.write_folders.empty();
  command.limits = command.sandbox ? Limits() : machine_limits();
  for (const std::string& text : options.limits)
    if (std::string reason = set_limit(command.limits, text); !reason.empty()) return reason;
  return {};
}

/// The first word that no option or argument took.
std::string unexpected(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining();
  const auto option = std::find_if(words.begin(), words.end(), [](const auto& word) { return word.starts_with('-'); });
  return option == words.end() ? fmt::format("unexpected argument '{}'", words.front()) : unknown_option(app, *option);
}

/// CLI11 takes arguments last to first.
bool parse(CLI::App& app, std::vector<std::string> words, std::string& reason) {
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    return true;
  } catch (const CLI::ExtrasError&) {
    reason = unexpected(app);
  } catch (const CLI::ArgumentMismatch& error) {
    reason = option_in(error.what()) + " wants a value";
  } catch (const CLI::ConversionError& error) {
    reason = option_in(error.what()) + " takes no value";  // of a flag: all others are checked first
  } catch (const CLI::ParseError& error) {
    reason = error.what();
  }
  return false;
}

/// Each -c is a further line.
void add_code(CLI::App& app, CommandLine& command) {
  const auto take = [&command](const CLI::results_t& lines) {
    for (const std::string& line : lines) command.code = command.code ? *command.code + "\n" + line : line;
    return true;
  };
  app.add_option("-c", take)->expected(1)->take_all()->allow_extra_args(false);
}

bool is_command(const std::string& word) {
  const std::vector<std::string> commands = command_names();
  return std::find(commands.begin(), commands.end(), word) != commands.end();
}

/// Names the script and its arguments from the words that are no options of ours.
std::optional<Parsed> take_script(CommandLine& command, const CLI::App& app) {
  std::vector<std::string> words = app.remaining();
  if (!words.empty() && words.front() == "--")
    words.erase(words.begin());
  else if (!command.code && !words.empty() && words.front().size() > 1 && words.front().front() == '-')
    return usage(unknown_option(app, words.front()));
  if (command.code) {
    words.insert(words.begin(), "-c");
  } else if (!words.empty()) {
    command.file = words.front();
    if (is_command(command.file) && access(command.file.c_str(), F_OK) != 0)
      return usage(fmt::format("'{}' comes before its options", command.file));
  } else if (isatty(STDIN_FILENO) == 0 && !command.interactive) {
    command.file = "-";
    words.emplace_back("-");
  } else {
    command.action = Action::prompt;
    words.emplace_back("");
  }
  command.arguments = std::move(words);
  return std::nullopt;
}

Parsed parse_run(const std::vector<std::string>& words) {
  CommandLine command;
  Common common;
  CLI::App app;
  add_common(app, common);
  app.prefix_command();
  add_code(app, command);
  app.add_option("--vars-json", command.variables_file);
  RunOptions options;
  add_run_options(app, command, options);
  app.add_flag("-i,--interactive", command.interactive);
  app.add_flag("-q,--quiet", command.quiet);
  app.add_flag("!--no-init", command.init);
  app.add_flag("--keep-going", command.keep_going);
  app.add_flag("--json-errors", command.json_errors);
  std::string reason;
  if (!parse(app, words, reason)) return usage(reason);
  if (auto answered = answer(common)) return *answered;
  if (reason = settle(command, options); !reason.empty()) return usage(reason);
  if (auto refused = take_script(command, app)) return *refused;
  return {std::move(command), std::nullopt};
}

Parsed parse_tool(Action action, const std::vector<std::string>& words) {
  CommandLine command;
  command.action = action;
  Common common;
  CLI::App app;
  add_common(app, common);
  app.add_option("file", command.file);
  if (action == Action::lower) {
    app.add_option("--stage", command.stage)->check(one_of({"ast", "ir"}));
    add_code(app, command);
    app.add_flag("!--no-fuse", command.fuse);
  }
  if (action == Action::check) app.add_flag("--json-errors", command.json_errors);
  RunOptions options;
  if (action == Action::explain) {
    add_run_options(app, command, options);
    add_code(app, command);
  } else {
    add_limits(app, command, options);
  }
  std::string reason;
  if (!parse(app, words, reason)) return usage(reason);
  if (auto answered = answer(common)) return *answered;
  if (reason = settle(command, options); !reason.empty()) return usage(reason);
  if (command.file.empty() == !command.code) return usage(command.code ? "either FILE or -c CODE" : "which FILE?");
  return {std::move(command), std::nullopt};
}

Parsed parse_timeit(const std::vector<std::string>& words) {
  CommandLine command;
  command.action = Action::timeit;
  Common common;
  CLI::App app;
  add_common(app, common);
  app.add_option("statement", command.code);
  app.add_option("-s,--setup", command.setup);
  app.add_option("--budget", command.budget)->check(number_from(1e-6, 1e6));
  RunOptions options;
  add_run_options(app, command, options);
  app.add_flag("--json", command.json);
  std::string reason;
  if (!parse(app, words, reason)) return usage(reason);
  if (auto answered = answer(common)) return *answered;
  if (reason = settle(command, options); !reason.empty()) return usage(reason);
  if (!command.code) return usage("time which statement?");
  return {std::move(command), std::nullopt};
}

/// `help NAME` calls help("NAME"); quotes in a name would end the string, and no name has any.
Parsed parse_help(const std::vector<std::string>& words) {
  CommandLine command;
  Common common;
  CLI::App app;
  add_common(app, common);
  std::string name;
  app.add_option("name", name);
  app.add_flag("--json", command.json);
  std::string reason;
  if (!parse(app, words, reason)) return usage(reason);
  if (auto answered = answer(common)) return *answered;
  if (name.find_first_of("\"\\\n") != std::string::npos) return usage("help on which name?");
  command.action = Action::help;
  command.code = name.empty() ? "help()" : "help(\"" + name + "\")";
  return {std::move(command), std::nullopt};
}

}  // namespace

std::vector<std::string> command_names() { return {"run", "check", "lower", "explain", "timeit", "help"}; }

Parsed parse_command_line(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const std::string first = words.empty() ? "" : words.front();
  if (is_command(first)) words.erase(words.begin());
  if (first == "help") return parse_help(words);
  if (first == "timeit") return parse_timeit(words);
  if (first == "check") return parse_tool(Action::check, words);
  if (first == "lower") return parse_tool(Action::lower, words);
  if (first == "explain") return parse_tool(Action::explain, words);
  if (first == "run" && words.empty()) return usage("which FILE?");
  return parse_run(words);
}

}  // namespace inlay::program
