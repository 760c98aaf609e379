// line_reader.cpp - see line_reader.h.
// SIGINT is let in only while waiting for a key (ppoll), so that it is never lost between a look at the flag and the
// wait.
#include "repl/line_reader.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <filesystem>

namespace inlay::program {
namespace {

constexpr int kHistorySize = 10'000;
/// Completions that are listed; more are only counted.
constexpr std::size_t kListed = 200;

volatile std::sig_atomic_t was_interrupted = 0;
void on_interrupted_line(int) { was_interrupted = 1; }

/// Catches SIGINT, and blocks it but for the waits, while a line is read.
class SignalScope {
 public:
  SignalScope() {
    was_interrupted = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &mask_);
    struct sigaction action = {};
    action.sa_handler = on_interrupted_line;
    sigaction(SIGINT, &action, &action_);
  }
  ~SignalScope() {
    sigaction(SIGINT, &action_, nullptr);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;
  /// The signals that were blocked before.
  [[nodiscard]] const sigset_t& mask() const { return mask_; }

 private:
  sigset_t mask_ = {};
  struct sigaction action_ = {};
};

/// Waits for a byte of standard input. False at its end and when interrupted.
bool read_byte(char& byte, const sigset_t& mask) {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  while (was_interrupted == 0) {
    if (ppoll(&input, 1, nullptr, &mask) < 0) {
      if (errno != EINTR) return false;
      continue;
    }
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count >= 0 || errno != EINTR) return count == 1;
  }
  return false;
}

std::string common_prefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words)
    prefix.resize(static_cast<std::size_t>(std::mismatch(prefix.begin(), prefix.end(), word.begin(), word.end()).first -
                                           prefix.begin()));
  return prefix;
}

void list(const std::vector<std::string>& words) {
  std::size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size() + 2);
  const std::size_t columns = std::max<std::size_t>(1, 80 / width);
  const std::size_t shown = std::min(words.size(), kListed);
  for (std::size_t at = 0; at < shown; ++at)
    std::printf("%s%-*s", at % columns == 0 ? "\n" : "", static_cast<int>(width), words[at].c_str());
  if (shown < words.size()) std::printf("\n… %zu more", words.size() - shown);
  std::printf("\n");
}

std::size_t word_begin(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 &&
         (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 || text[at - 1] == '_' || text[at - 1] < 0))
    --at;
  return at;
}

}  // namespace

struct LineReader::Editor {
  Editor(std::string file, Complete completer);
  ~Editor();
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  static Editor& of(EditLine* line) {
    void* self = nullptr;
    el_get(line, EL_CLIENTDATA, &self);
    return *static_cast<Editor*>(self);
  }
  static char* show_prompt(EditLine* line) { return of(line).prompt.data(); }
  static int read_key(EditLine* line, wchar_t* key);
  static unsigned char on_tab(EditLine* line, int) { return of(line).insert_completion(); }
  unsigned char insert_completion();

  std::string file;
  Complete complete;
  std::string prompt;
  const sigset_t* mask = nullptr;
  EditLine* line = nullptr;
  History* history = nullptr;
  HistEvent event = {};
};

LineReader::Editor::Editor(std::string name, Complete completer)
    : file(std::move(name)), complete(std::move(completer)) {
  line = el_init("inlay", stdin, stdout, stderr);
  history = history_init();
  el_set(line, EL_CLIENTDATA, this);
  el_set(line, EL_PROMPT, &Editor::show_prompt);
  el_set(line, EL_GETCFN, &Editor::read_key);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_HIST, ::history, history);
  // The wide form keeps these texts; the narrow one keeps copies that it never gives back.
  el_wset(line, EL_ADDFN, L"inlay-complete", L"completes the word before the cursor", &Editor::on_tab);
  el_set(line, EL_BIND, "\t", "inlay-complete", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(line, nullptr);  // the user's ~/.editrc
  ::history(history, &event, H_SETSIZE, kHistorySize);
  ::history(history, &event, H_SETUNIQUE, 1);
  if (!file.empty()) ::history(history, &event, H_LOAD, file.c_str());
}

LineReader::Editor::~Editor() {
  if (!file.empty()) ::history(history, &event, H_SAVE, file.c_str());
  history_end(history);
  el_end(line);
}

/// One character of the terminal, in the locale's encoding. libedit's own reader would try again after a signal.
int LineReader::Editor::read_key(EditLine* line, wchar_t* key) {
  std::mbstate_t state = {};
  char byte = 0;
  while (read_byte(byte, *of(line).mask)) {
    const std::size_t used = std::mbrtowc(key, &byte, 1, &state);
    if (used != static_cast<std::size_t>(-2) && used != static_cast<std::size_t>(-1)) return 1;
    if (used == static_cast<std::size_t>(-1)) state = {};
  }
  return was_interrupted != 0 ? -1 : 0;
}

unsigned char LineReader::Editor::insert_completion() {
  const LineInfo* info = el_line(line);
  const std::string_view before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
  if (before.find_first_not_of(" \t\n", before.find_last_of('\n') + 1) == std::string_view::npos)
    return el_insertstr(line, "    ") == 0 ? CC_REFRESH : CC_ERROR;
  const std::vector<std::string> words = complete(before, before.size());
  if (words.empty()) return CC_ERROR;
  const std::string rest = common_prefix(words).substr(before.size() - word_begin(before));
  if (!rest.empty()) return el_insertstr(line, rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (words.size() == 1) return CC_NORM;
  list(words);
  return CC_REDISPLAY;
}

LineReader::LineReader(std::string history_file, Complete complete) {
  if (isatty(STDIN_FILENO) != 0) editor_ = std::make_unique<Editor>(std::move(history_file), std::move(complete));
}

LineReader::~LineReader() = default;

LineReader::Event LineReader::read(const std::string& prompt, std::string& line) {
  const SignalScope signals;
  line.clear();
  if (editor_) {
    editor_->prompt = prompt;
    editor_->mask = &signals.mask();
    int count = 0;
    if (const char* text = el_gets(editor_->line, &count); text != nullptr && count > 0)
      line.assign(text, static_cast<std::size_t>(count));
  } else {
    std::fputs(prompt.c_str(), stdout);
    std::fflush(stdout);
    char byte = 0;
    while (!line.ends_with('\n') && read_byte(byte, signals.mask())) line += byte;
  }
  if (was_interrupted != 0) return Event::interrupted;
  if (line.empty()) return Event::end;
  if (!line.ends_with('\n')) line += '\n';
  return Event::line;
}

bool LineReader::is_pending() const {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, 0) > 0;
}

void LineReader::remember(std::string_view entry) {
  if (editor_) ::history(editor_->history, &editor_->event, H_ENTER, std::string(entry).c_str());
}

std::string history_file() {
  namespace fs = std::filesystem;
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  const bool has_state = state != nullptr && *state == '/';
  if (!has_state && (home == nullptr || *home == '\0')) return {};
  const fs::path folder = (has_state ? fs::path(state) : fs::path(home) / ".local" / "state") / "inlay";
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  return (folder / "history").string();
}

}  // namespace inlay::program
