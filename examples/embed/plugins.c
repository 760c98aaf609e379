/* plugins.c - a host in C that gives untrusted scripts a budget. Each plug-in runs on a fork of one prepared state: it
 * may read and change everything there, and nothing of it is seen by the next. What goes over the budget is stopped. */
#include <inlay/inlay.h>
#include <stdio.h>

typedef struct plugin {
  const char* name;
  const char* source;
} plugin;

static const plugin plugins[] = {
    {"honest", "score = sum(samples * weights)\n"},
    {"greedy", "score = zeros((100000, 100000))\n"},
    {"endless", "while True:\n    score = score + 1\n"},
    {"talkative", "while True:\n    print('me, me, me')\n"},
    {"vandal", "samples[:] = -1\nweights = None\nscore = 666\n"},
    {"curious", "score = load('/etc/passwd')\n"},
    {"hungry", "x = [1]\nwhile True:\n    x = x + x\n"},
    {"careful", "score = max(samples) - min(samples)\n"},
};

static void discard(void* user, const char* text, size_t size) { (void)user, (void)text, (void)size; }

/* Prints what a plug-in came to. */
static void report(const plugin* each, inlay_interpreter* in, inlay_error* error) {
  inlay_value* score = NULL;
  char* text;
  if (error != NULL || inlay_get(in, "score", &score, &error)) {
    printf("%-10s stopped: %s\n", each->name, inlay_error_kind_name(error));
    inlay_error_free(error);
    return;
  }
  text = inlay_value_text(score);
  printf("%-10s score %s\n", each->name, text);
  inlay_text_free(text);
  inlay_value_free(score);
}

/* Runs a plug-in on a copy of the state, within the budget. */
static int run(const plugin* each, inlay_interpreter* state) {
  inlay_limits budget;
  inlay_options options = INLAY_OPTIONS_INIT;
  inlay_interpreter* in = NULL;
  inlay_error* error = NULL;
  inlay_default_limits(&budget, sizeof budget);
  budget.fuel = 1000000;    /* steps: elements and instructions */
  budget.memory = 16 << 20; /* bytes */
  budget.output = 4096;     /* bytes */
  budget.seconds = 5;
  options.limits = &budget;
  options.print = discard;
  if (inlay_fork(state, &options, &in, &error)) return 1;
  inlay_run(in, each->source, each->name, NULL, &error);
  report(each, in, error);
  inlay_free(in);
  return 0;
}

int main(void) {
  inlay_interpreter* state = NULL;
  size_t at;
  int status = 0;
  if (inlay_new(NULL, &state, NULL) ||
      inlay_run(state, "samples = arange(8) / 2\nweights = ones(8)\nscore = 0\n", "setup", NULL, NULL))
    return 1;
  for (at = 0; at < sizeof plugins / sizeof *plugins; ++at) status |= run(&plugins[at], state);
  inlay_free(state);
  return status;
}
