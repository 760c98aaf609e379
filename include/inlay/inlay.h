/* inlay.h - Inlay for hosts in C, and for languages that call C: an interpreter of scripts over the host's own arrays.
 *
 *   inlay_interpreter* in = NULL;
 *   inlay_value* total = NULL;
 *   inlay_error* error = NULL;
 *   if (inlay_new(NULL, &in, &error) || inlay_eval(in, "sum(arange(4))", NULL, &total, &error))
 *     fputs(inlay_error_report(error), stderr);
 *
 * It says what <inlay/inlay.hpp> says, which describes each thing at more length.
 *
 * - A function that can fail returns INLAY_OK or an inlay_error_kind, and gives an inlay_error through its last
 *   parameter, which may be NULL. Where there is no memory, for an error of another kind either, that is
 *   INLAY_MEMORY_ERROR and an error that was made beforehand. No exception leaves a function of this header.
 * - Handles are opaque, and belong to whoever was given them, until inlay_free() and the *_free functions. NULL may be
 *   freed. A `const` handle, a callback's arguments and every `const char*` are lent: text of a handle lives as long as
 *   the handle; `char*` is freed with inlay_text_free().
 * - A handle or a text that is given through a pointer is the caller's to free. After an error there is none: what the
 *   pointer leads to is as it was. So is `error` where there was no error.
 * - Handles and texts that are given may be NULL only where that is said.
 * - Text is UTF-8 and ends with a zero byte.
 * - Structs begin with their size: set it by the *_INIT macros. Later versions add to their end; what the library fills
 *   in, it fills in as far as the struct of the host's reaches.
 * - inlay_free() from inside one of the interpreter's own callbacks or functions stops what it runs
 *   (INLAY_KEYBOARD_INTERRUPT); the interpreter lasts until that is over, and may not be used from there on.
 * - Nothing checks this, so never do it: use an interpreter on two threads at once; free what a callback was lent.
 * - An interpreter and its values are used by one thread at a time. Programs and errors may be used by any number of
 *   threads. inlay_interrupt() may be called at any time, from any thread and from a signal handler.
 */
#ifndef INLAY_INLAY_H
#define INLAY_INLAY_H

#include <stddef.h>
#include <stdint.h>

#include "inlay/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Grows with every addition; a library of another major version cannot be linked. */
#define INLAY_ABI_VERSION 4
INLAY_API uint32_t inlay_abi_version(void);
/* "0.1.0" */
INLAY_API const char* inlay_version(void);

typedef struct inlay_interpreter inlay_interpreter;
typedef struct inlay_program inlay_program;
typedef struct inlay_snapshot inlay_snapshot;
typedef struct inlay_value inlay_value;
typedef struct inlay_error inlay_error;

/* ---- errors ---- */

typedef enum inlay_error_kind {
  INLAY_OK = 0,
  INLAY_SYNTAX_ERROR = 1,
  INLAY_NAME_ERROR = 2,
  INLAY_TYPE_ERROR = 3,
  INLAY_VALUE_ERROR = 4,
  INLAY_INDEX_ERROR = 5,
  INLAY_KEY_ERROR = 6,
  INLAY_ATTRIBUTE_ERROR = 7,
  INLAY_ZERO_DIVISION_ERROR = 8,
  INLAY_OVERFLOW_ERROR = 9,
  INLAY_ASSERTION_ERROR = 10,
  INLAY_IMPORT_ERROR = 11,
  INLAY_MEMORY_ERROR = 12,
  INLAY_RECURSION_ERROR = 13,
  INLAY_LIN_ALG_ERROR = 14,
  INLAY_LIMIT_EXCEEDED = 15,
  INLAY_KEYBOARD_INTERRUPT = 16,
  INLAY_RUNTIME_ERROR = 17,
  INLAY_INTERNAL_ERROR = 99
} inlay_error_kind;

/* An error of the host's own, for inlay_function to give. NULL if there is no memory for it. */
INLAY_API inlay_error* inlay_error_new(int kind, const char* message);
INLAY_API void inlay_error_free(inlay_error* error);
INLAY_API int inlay_error_get_kind(const inlay_error* error);
/* "ValueError" */
INLAY_API const char* inlay_error_kind_name(const inlay_error* error);
INLAY_API const char* inlay_error_message(const inlay_error* error);
/* "Kind: message", the place, the source line with carets, the calls. */
INLAY_API const char* inlay_error_report(const inlay_error* error);

typedef struct inlay_place {
  size_t struct_size;
  const char* source;  /* "" and 0 where the error has no place */
  int line, column;    /* from 1; columns in characters */
  uint32_t begin, end; /* the bytes at fault in the text */
} inlay_place;
#define INLAY_PLACE_INIT \
  { sizeof(inlay_place), NULL, 0, 0, 0, 0 }
INLAY_API void inlay_error_place(const inlay_error* error, inlay_place* place);

/* The calls that led there, innermost first. */
INLAY_API size_t inlay_error_call_count(const inlay_error* error);
/* The name of the function that call `at` called, and where; NULL beyond the last. */
INLAY_API const char* inlay_error_call(const inlay_error* error, size_t at, inlay_place* place);

/* What the operation that failed was given. */
INLAY_API size_t inlay_error_operand_count(const inlay_error* error);
/* Type of operand `at`, of a tensor its dtype; NULL beyond the last. `rank` is -1 if it is no tensor. */
INLAY_API const char* inlay_error_operand(const inlay_error* error, size_t at, int* rank, const int64_t** shape);

/* ---- values ---- */

typedef enum inlay_kind {
  INLAY_NONE,
  INLAY_BOOLEAN,
  INLAY_INTEGER,
  INLAY_FLOATING,
  INLAY_COMPLEX,
  INLAY_STRING,
  INLAY_TUPLE,
  INLAY_LIST,
  INLAY_DICT,
  INLAY_RANGE,
  INLAY_SLICE,
  INLAY_TENSOR,
  INLAY_DTYPE,
  INLAY_FUNCTION,
  INLAY_MODULE,
  INLAY_OTHER
} inlay_kind;

typedef enum inlay_dtype {
  INLAY_BOOL,
  INLAY_INT8,
  INLAY_INT16,
  INLAY_INT32,
  INLAY_INT64,
  INLAY_UINT8,
  INLAY_UINT16,
  INLAY_UINT32,
  INLAY_UINT64,
  INLAY_FLOAT16,
  INLAY_BFLOAT16,
  INLAY_FLOAT32,
  INLAY_FLOAT64,
  INLAY_COMPLEX64,
  INLAY_COMPLEX128
} inlay_dtype;
/* "float32", and bytes per element; NULL and 0 for a number that is no dtype. */
INLAY_API const char* inlay_dtype_name(int dtype);
INLAY_API size_t inlay_dtype_size(int dtype);

typedef enum inlay_access {
  INLAY_READ,  /* borrowed: an update in a script goes to a copy */
  INLAY_WRITE, /* borrowed or handed over: updates happen there where nobody else holds the tensor */
  INLAY_COPY   /* copied at once */
} inlay_access;

/* Memory of the host's. It must stay until `release` is called, or until every interpreter and every value that has it
 * are gone. ValueError where `data` and the strides are not aligned for the dtype (of complex, for a half of it), or an
 * element of a bool array is neither 0 nor 1; what the host writes there later must be 0 or 1 too. */
typedef struct inlay_array {
  size_t struct_size;
  void* data;
  int dtype;
  int rank;
  const int64_t* shape;   /* `rank` sizes */
  const int64_t* strides; /* in bytes; NULL: row-major without gaps */
  int access;
  void (*release)(void* user); /* may be NULL; called once with `user`: on whatever thread lets go of the memory last,
                                  or, after an error, before the function returns */
  void* user;
} inlay_array;
#define INLAY_ARRAY_INIT \
  { sizeof(inlay_array), NULL, INLAY_FLOAT64, 0, NULL, NULL, INLAY_READ, NULL, NULL }

/* Making values; NULL if there is no memory. */
INLAY_API inlay_value* inlay_none(void);
INLAY_API inlay_value* inlay_bool(int value);
INLAY_API inlay_value* inlay_int(int64_t value);
INLAY_API inlay_value* inlay_float(double value);
INLAY_API inlay_value* inlay_complex(double real, double imaginary);
INLAY_API inlay_value* inlay_string(const char* text);
INLAY_API inlay_value* inlay_list(const inlay_value* const* elements, size_t count);
INLAY_API inlay_value* inlay_tuple(const inlay_value* const* elements, size_t count);
INLAY_API int inlay_tensor(const inlay_array* array, inlay_value** value, inlay_error** error);
/* Another handle of the same value. */
INLAY_API inlay_value* inlay_value_share(const inlay_value* value);
/* The same, for any one thread and any interpreter, while `value` stays with its own. TypeError where a function, a
 * module or a generator is in it: those belong to their interpreter, and every other one refuses them. */
INLAY_API int inlay_value_for_any_thread(const inlay_value* value, inlay_value** handle, inlay_error** error);
INLAY_API void inlay_value_free(inlay_value* value);

INLAY_API int inlay_value_kind(const inlay_value* value);
/* Elements of a tensor; length of a string in characters, of a tuple, list, dict or range; else 0. */
INLAY_API size_t inlay_value_size(const inlay_value* value);
/* Tensors of one element are numbers here. TypeError or OverflowError where it does not fit. */
INLAY_API int inlay_value_bool(const inlay_value* value, int* out, inlay_error** error);
INLAY_API int inlay_value_int(const inlay_value* value, int64_t* out, inlay_error** error);
INLAY_API int inlay_value_float(const inlay_value* value, double* out, inlay_error** error);
INLAY_API int inlay_value_complex(const inlay_value* value, double* real, double* imaginary, inlay_error** error);
/* What print() shows, and what repr() gives, for inlay_text_free(); NULL if there is no memory. */
INLAY_API char* inlay_value_text(const inlay_value* value);
INLAY_API char* inlay_value_repr(const inlay_value* value);
INLAY_API void inlay_text_free(char* text);

typedef struct inlay_tensor_view {
  size_t struct_size;
  const void* data; /* row-major, without gaps; borrowed from the value */
  int dtype;
  int rank;
  const int64_t* shape;
  size_t size; /* in elements */
} inlay_tensor_view;
#define INLAY_TENSOR_VIEW_INIT \
  { sizeof(inlay_tensor_view), NULL, 0, 0, NULL, 0 }
/* A tensor's elements, without a copy if they lie in a row. TypeError if it is no tensor. Outside a run no limit holds
   for the copy, and a script can make a tensor of a few bytes and 10^9 elements, broadcast_to(1.0, (10**9,)): look at
   inlay_value_size() first where scripts are not trusted. */
INLAY_API int inlay_value_view(const inlay_value* value, inlay_tensor_view* view, inlay_error** error);

/* Element of a tuple, list, range, or along a tensor's first axis; the pair (key, value) of a dict. */
INLAY_API int inlay_value_at(const inlay_value* value, size_t at, inlay_value** element, inlay_error** error);
/* The item of a dict under a key. */
INLAY_API int inlay_value_item(const inlay_value* value, const inlay_value* key, inlay_value** item,
                               inlay_error** error);

/* ---- DLPack 1.x: tensors to and from other libraries, without a copy ---- */

struct DLManagedTensorVersioned; /* of dlpack/dlpack.h, which is not needed here */
struct DLManagedTensor;

/* Lends a tensor. It is marked read-only, unless `copy` is not 0: then it is a copy, marked as such, that the consumer
 * may write. The consumer calls its deleter, on any thread. */
INLAY_API int inlay_to_dlpack(const inlay_value* value, int copy, struct DLManagedTensorVersioned** tensor,
                              inlay_error** error);
/* For consumers that know no versions, and so no read-only memory: always a copy. */
INLAY_API int inlay_to_dlpack_unversioned(const inlay_value* value, struct DLManagedTensor** tensor,
                                          inlay_error** error);
/* Takes a tensor over: its deleter is called when the last value over it is gone; on an error it stays the caller's.
 * Scripts write in place only where `write` is not 0 or the tensor is marked as a copy; ValueError if `write` is not 0
 * and it is read-only. Memory of the host alone, one lane; every dtype that there is here. */
INLAY_API int inlay_from_dlpack(struct DLManagedTensorVersioned* tensor, int write, inlay_value** value,
                                inlay_error** error);
INLAY_API int inlay_from_dlpack_unversioned(struct DLManagedTensor* tensor, int write, inlay_value** value,
                                            inlay_error** error);

/* ---- interpreters ---- */

typedef struct inlay_progress {
  size_t struct_size;
  const char* label;
  int64_t done, total; /* rounds */
  double seconds;
  int depth;        /* how many such loops it is inside */
  int is_over;      /* the last report */
  int is_operation; /* of a single operation that takes long, instead of a loop: total is 0 where its amount of work is
                       not known, and nothing of the interpreter may be used but inlay_interrupt */
} inlay_progress;

/* What scripts may use; <inlay/limits.hpp> says what each is. UINT64_MAX, and an infinite number of seconds: no bound.
 */
typedef struct inlay_limits {
  size_t struct_size;
  uint64_t fuel, memory, elements, rank, depth, source, nesting, output;
  double seconds;
  uint64_t written; /* since 4; where the struct ends before it: the default */
} inlay_limits;
/* The defaults, in a struct of `size` bytes: inlay_default_limits(&limits, sizeof limits). */
INLAY_API void inlay_default_limits(inlay_limits* limits, size_t size);

/* What the current or last run has used; `memory` and `peak` are of the interpreter. */
typedef struct inlay_usage {
  size_t struct_size;
  uint64_t fuel, memory, peak, output;
  uint64_t written; /* since 4 */
} inlay_usage;
#define INLAY_USAGE_INIT \
  { sizeof(inlay_usage), 0, 0, 0, 0, 0 }

/* What an interpreter may do; callbacks may be NULL, and get `user`. Inside `warn`, `entropy`, a report of a single
 * operation, and where memory or a function is released by what runs, by inlay_restore() or by inlay_free(), nothing
 * can run or be bound: INLAY_RUNTIME_ERROR. */
typedef struct inlay_options {
  size_t struct_size;
  void* user;
  void (*print)(void* user, const char* text, size_t size);
  /* In the midst of an operation: nothing of the interpreter may be used there but inlay_interrupt(). */
  void (*warn)(void* user, const char* message);
  /* The value of an expression that is a run's last statement. */
  void (*echo)(void* user, const inlay_value* value);
  void (*progress)(void* user, const inlay_progress* progress);
  /* The text of module `name`, which is copied at once; NULL if there is none. */
  const char* (*load_module)(void* user, const char* name);
  int files;   /* whether scripts may read and write files */
  int threads; /* 0: as many as there are processors */
  int no_fuse;
  const char* const* arguments; /* `argv` in scripts */
  size_t argument_count;
  const inlay_limits* limits; /* NULL: the defaults */
  /* Where `files` is 0: folders whose files scripts may read, or write. */
  const char* const* read_folders;
  size_t read_folder_count;
  const char* const* write_folders;
  size_t write_folder_count;
  /* 64 random bits, for each generator that scripts do not seed; NULL: the same ones in every interpreter. Since 2. */
  uint64_t (*entropy)(void* user);
} inlay_options;
#define INLAY_OPTIONS_INIT \
  { sizeof(inlay_options), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, 0, NULL, NULL, 0, NULL, 0, NULL }

/* `options` may be NULL: scripts may compute, and nothing else. */
INLAY_API int inlay_new(const inlay_options* options, inlay_interpreter** interpreter, inlay_error** error);
INLAY_API void inlay_free(inlay_interpreter* interpreter);
/* Not while something runs. */
INLAY_API void inlay_get_usage(const inlay_interpreter* interpreter, inlay_usage* usage);

/* Makes a variable. ValueError if `name` is no name; TypeError for a function of another interpreter. */
INLAY_API int inlay_bind(inlay_interpreter* interpreter, const char* name, const inlay_value* value,
                         inlay_error** error);
/* A variable's value, or a built-in's. NameError if there is none. */
INLAY_API int inlay_get(inlay_interpreter* interpreter, const char* name, inlay_value** value, inlay_error** error);
/* Calls `visit` with the name of each variable, in the order in which they appeared. */
INLAY_API int inlay_variables(inlay_interpreter* interpreter, void (*visit)(void* user, const char* name), void* user);
/* One JSON line for each variable; as "left_out" one with more than 64 MiB of text or 500 containers in one another.
 * Freed with inlay_text_free(); NULL if there is no memory. */
INLAY_API char* inlay_variables_json(inlay_interpreter* interpreter);

/* A function of the host's: gives INLAY_OK and a value through `result` (NULL is None), or an error kind and, if it
 * likes, an error through `error`. The library takes both over. */
typedef int (*inlay_function)(void* user, const inlay_value* const* arguments, size_t count, inlay_value** result,
                              inlay_error** error);
/* `name` may be a signature of the language, "scale(x: float64[n, 3], s=2.0)". `arity` < 0: any number of arguments.
 * `release` is as in inlay_array: may be NULL, called once with `user` when the function is gone, or, after an error,
 * before inlay_define() returns. */
INLAY_API int inlay_define(inlay_interpreter* interpreter, const char* name, int arity, inlay_function function,
                           void* user, void (*release)(void* user), inlay_error** error);

typedef struct inlay_ending {
  size_t struct_size;
  int exited; /* by exit(code) */
  int code;
} inlay_ending;
#define INLAY_ENDING_INIT \
  { sizeof(inlay_ending), 0, 0 }

/* Runs a text; what the statements before an error did stays. `name`, of the text in errors, may be NULL; so may
 * `ending`. */
INLAY_API int inlay_run(inlay_interpreter* interpreter, const char* source, const char* name, inlay_ending* ending,
                        inlay_error** error);
/* The value of an expression; None if the text is a statement. */
INLAY_API int inlay_eval(inlay_interpreter* interpreter, const char* expression, const char* name, inlay_value** value,
                         inlay_error** error);
/* Calls a function of the language. TypeError if it is another interpreter's. */
INLAY_API int inlay_call(inlay_interpreter* interpreter, const inlay_value* function,
                         const inlay_value* const* arguments, size_t count, inlay_value** value, inlay_error** error);
/* Stops what is running, or else the next run, with a KeyboardInterrupt. */
INLAY_API void inlay_interrupt(inlay_interpreter* interpreter);

/* Programs: read once, run by any interpreter on any thread. SyntaxError, and what else can be known before running. */
INLAY_API int inlay_prepare(inlay_interpreter* interpreter, const char* source, const char* name,
                            inlay_program** program, inlay_error** error);
/* Of a text that is the body of a function of these parameters, `count` names. */
INLAY_API int inlay_prepare_function(inlay_interpreter* interpreter, const char* source, const char* const* parameters,
                                     size_t count, const char* name, inlay_program** program, inlay_error** error);
/* Runs it over the variables as they are now; ValueError if it has parameters. `ending` may be NULL. */
INLAY_API int inlay_run_program(inlay_interpreter* interpreter, const inlay_program* program, inlay_ending* ending,
                                inlay_error** error);
/* Calls it with a value for each parameter; TypeError if there are more or fewer. */
INLAY_API int inlay_call_program(inlay_interpreter* interpreter, const inlay_program* program,
                                 const inlay_value* const* arguments, size_t count, inlay_value** value,
                                 inlay_error** error);
INLAY_API void inlay_program_free(inlay_program* program);

/* Copies of the whole state. Tensors are shared, whatever their sizes; a fork looks at each element of lists and dicts.
 * RuntimeError while a script runs. With `options` NULL a fork has those of `interpreter`, callbacks and limits too. */
INLAY_API int inlay_fork(inlay_interpreter* interpreter, const inlay_options* options, inlay_interpreter** fork,
                         inlay_error** error);
/* Belongs to the interpreter and its thread. Going back to it, any number of times, is a ValueError elsewhere. */
INLAY_API int inlay_take_snapshot(inlay_interpreter* interpreter, inlay_snapshot** snapshot, inlay_error** error);
INLAY_API int inlay_restore(inlay_interpreter* interpreter, const inlay_snapshot* snapshot, inlay_error** error);
INLAY_API void inlay_snapshot_free(inlay_snapshot* snapshot);

/* ---- for tools ---- */

/* Calls `report` with every error that can be known without running. */
INLAY_API int inlay_check(inlay_interpreter* interpreter, const char* source, const char* name,
                          void (*report)(void* user, const inlay_error* error), void* user);
typedef enum inlay_stage { INLAY_STAGE_AST, INLAY_STAGE_IR } inlay_stage;
/* A stage of the text, an inlay_stage, as text; for inlay_text_free(). */
INLAY_API int inlay_lower(inlay_interpreter* interpreter, const char* source, int stage, const char* name, char** text,
                          inlay_error** error);
/* Runs a text and tells what was done in place and what was copied; `report`, for inlay_text_free(), is given after an
 * error of the text too: set it to NULL before. */
INLAY_API int inlay_explain(inlay_interpreter* interpreter, const char* source, const char* name, char** report,
                            inlay_error** error);
/* Calls `visit` with each word that could stand where the one before byte `position` begins. */
INLAY_API int inlay_complete(inlay_interpreter* interpreter, const char* text, size_t position,
                             void (*visit)(void* user, const char* word), void* user);
/* Whether lines typed at a prompt are a finished entry. */
INLAY_API int inlay_is_complete(const char* text);
/* Every public name for documentation and editors, one JSON line each. For inlay_text_free(); NULL if there is no
 * memory. */
INLAY_API char* inlay_reference_json(void);

#ifdef __cplusplus
}
#endif

#endif
