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
#include <initializer_list>
#include <utility>

#include "repl/entry_text.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

constexpr int kHistorySize = 10'000;

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
  const std::size_t columns = std::max<std::size_t>(1, static_cast<std::size_t>(window_size().columns) / width);
  const auto rows = static_cast<std::size_t>(std::max(window_size().rows - 3, 1));  // the line itself stays in sight
  const std::size_t shown = std::min(words.size(), rows * columns);
  for (std::size_t at = 0; at < shown; ++at)
    std::printf("%s%-*s", at % columns == 0 ? "\n" : "", static_cast<int>(width), words[at].c_str());
  if (shown < words.size()) std::printf("\n... %zu more", words.size() - shown);
  std::printf("\n");
}

constexpr std::string_view kPasteEnd = "\x1b[201~";
/// Pasted text comes in brackets, while a line is read.
constexpr const char* kBracketPastes = "\x1b[?2004h";
constexpr const char* kBareText = "\x1b[?2004l";

void send(const char* escape) {
  if (!can_redraw(STDOUT_FILENO)) return;
  std::fputs(escape, stdout);
  std::fflush(stdout);
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
  static unsigned char on_paste(EditLine* line, int) { return of(line).insert_pasted(); }
  static unsigned char on_delete(EditLine* line, int) { return of(line).delete_before(); }
  unsigned char insert_completion();
  unsigned char insert_pasted();
  unsigned char delete_before();
  [[nodiscard]] std::string_view before_cursor() const;
  void bind(const wchar_t* name, const wchar_t* what, unsigned char (*function)(EditLine*, int),
            std::initializer_list<const char*> keys);

  std::string file;
  Complete complete;
  std::string prompt;
  std::string pasted;  // lines that are still to be read
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
  bind(L"inlay-complete", L"completes the word before the cursor", &Editor::on_tab, {"\t"});
  bind(L"inlay-paste", L"takes what is pasted", &Editor::on_paste, {"\\e[200~"});
  bind(L"inlay-delete", L"deletes a character, or a step of indentation", &Editor::on_delete, {"^?", "^H"});
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  // The arrows go through the entries with what is typed; of an empty line through all.
  for (const char* key : {"\\e[A", "\\eOA"}) el_set(line, EL_BIND, key, "ed-search-prev-history", nullptr);
  for (const char* key : {"\\e[B", "\\eOB"}) el_set(line, EL_BIND, key, "ed-search-next-history", nullptr);
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

void LineReader::Editor::bind(const wchar_t* name, const wchar_t* what, unsigned char (*function)(EditLine*, int),
                              std::initializer_list<const char*> keys) {
  // The wide form keeps these texts; the narrow one keeps copies that it never gives back.
  el_wset(line, EL_ADDFN, name, what, function);
  const std::string narrow(name, name + std::wcslen(name));
  for (const char* key : keys) el_set(line, EL_BIND, key, narrow.c_str(), nullptr);
}

std::string_view LineReader::Editor::before_cursor() const {
  const LineInfo* info = el_line(line);
  return {info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)};
}

unsigned char LineReader::Editor::insert_completion() {
  const std::string before(before_cursor());
  if (is_blank(std::string_view(before).substr(before.find_last_of('\n') + 1)))
    return el_insertstr(line, "    ") == 0 ? CC_REFRESH : CC_ERROR;
  const Completions found = complete(before);
  if (found.words.empty()) return CC_ERROR;
  const std::string rest = common_prefix(found.words).substr(before.size() - found.begin);
  if (!rest.empty()) return el_insertstr(line, rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (found.words.size() == 1) return CC_NORM;
  list(found.words);
  return CC_REDISPLAY;
}

/// Takes text up to the closing bracket. Of several lines the first is ended here, as if by Enter; the others wait.
unsigned char LineReader::Editor::insert_pasted() {
  std::string text;
  char byte = 0;
  while (!text.ends_with(kPasteEnd) && read_byte(byte, *mask)) text += byte == '\r' ? '\n' : byte;
  if (!text.ends_with(kPasteEnd)) return CC_ERROR;
  text.resize(text.size() - kPasteEnd.size());
  text = without_prompts(text);
  const std::size_t end = text.find('\n');
  if (end != std::string::npos) {
    pasted = text.substr(end + 1);
    text.resize(end);
    el_push(line, "\n");
  }
  return text.empty() || el_insertstr(line, text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
}

unsigned char LineReader::Editor::delete_before() {
  const std::string_view before = before_cursor();
  if (before.empty()) return CC_ERROR;
  const std::string_view words = before.substr(before.find_last_of('\n') + 1);
  const bool is_step = !words.empty() && words.size() % 4 == 0 && is_blank(words);
  el_deletestr(line, is_step ? 4 : 1);
  return CC_REFRESH;
}

LineReader::LineReader(std::string history_file, Complete complete) {
  if (isatty(STDIN_FILENO) != 0) editor_ = std::make_unique<Editor>(std::move(history_file), std::move(complete));
}

LineReader::~LineReader() = default;

LineReader::Event LineReader::read_pasted(const std::string& prompt, std::string& line) {
  const std::size_t size = editor_->pasted.find('\n') + 1;
  line = editor_->pasted.substr(0, size);
  editor_->pasted.erase(0, size);
  std::fputs((prompt + line).c_str(), stdout);
  std::fflush(stdout);
  return Event::line;
}

LineReader::Event LineReader::read_piped(const std::string& prompt, std::string& line) {
  const SignalScope signals;
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  char byte = 0;
  while (!line.ends_with('\n') && read_byte(byte, signals.mask())) line += byte;
  if (was_interrupted != 0) return Event::interrupted;
  if (line.empty()) return Event::end;
  if (!line.ends_with('\n')) line += '\n';
  return Event::line;
}

LineReader::Event LineReader::read(const std::string& prompt, const std::string& offered, std::string& line) {
  line.clear();
  if (!editor_) return read_piped(prompt, line);
  if (editor_->pasted.find('\n') != std::string::npos) return read_pasted(prompt, line);
  const SignalScope signals;
  editor_->prompt = prompt;
  editor_->mask = &signals.mask();
  std::string typed = std::exchange(editor_->pasted, {});
  if (typed.empty() && !is_pending()) typed = offered;
  if (!typed.empty()) el_push(editor_->line, typed.c_str());
  send(kBracketPastes);
  int count = 0;
  if (const char* text = el_gets(editor_->line, &count); text != nullptr && count > 0)
    line.assign(text, static_cast<std::size_t>(count));
  send(kBareText);
  if (was_interrupted != 0) {
    line = editor_->before_cursor();
    el_reset(editor_->line);
    return Event::interrupted;
  }
  if (line.empty()) return Event::end;
  if (!line.ends_with('\n')) line += '\n';
  return Event::line;
}

bool LineReader::is_pending() const {
  if (editor_ && editor_->pasted.find('\n') != std::string::npos) return true;
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, 0) > 0;
}

void LineReader::remember(std::string_view entry) {
  if (editor_) ::history(editor_->history, &editor_->event, H_ENTER, std::string(entry).c_str());
}

namespace {

/// $variable/inlay, else ~/otherwise/inlay; empty if there is no home.
std::filesystem::path folder_of(const char* variable, const char* otherwise) {
  const char* given = std::getenv(variable);
  const char* home = std::getenv("HOME");
  if (given != nullptr && *given == '/') return std::filesystem::path(given) / "inlay";
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / otherwise / "inlay";
}

}  // namespace

std::string history_file() {
  const std::filesystem::path folder = folder_of("XDG_STATE_HOME", ".local/state");
  if (folder.empty()) return {};
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  return (folder / "history").string();
}

std::string init_file() {
  const std::filesystem::path folder = folder_of("XDG_CONFIG_HOME", ".config");
  return folder.empty() ? std::string() : (folder / "init.inlay").string();
}

}  // namespace inlay::program
