/* NCCL's part: communicators and collectives. */
#include "standin.h"
#include <unistd.h>

enum { Success = 0, UnhandledCuda = 1, InvalidArgument = 4, InvalidUsage = 5, InProgress = 7 }; /* ncclResult_t */
enum kind { AllReduce, AllGather, ReduceScatter, Broadcast, Reduce };
enum { MostRanks = 64, MostGrouped = 2 * MostRanks };

static atomic_int held[Devices], failing[Devices], under_way[Devices];
void standin_hold(int device, int on) { held[device] = on; }
void standin_fail(int device, int result) { failing[device] = result; }
int standin_under_way(int device) { return under_way[device]; }

struct work { struct comm *comm; enum kind kind; char *send, *receive; size_t count; int type, root; };

struct club { /* the ranks of one id */
  unsigned char id[128];
  int ranks, joined, members, arrived, broken;
  long round;
  struct comm *comm[MostRanks];
  struct work work[MostRanks];
  pthread_mutex_t lock;
  pthread_cond_t moved;
  struct club *next;
};

struct comm {
  struct club *club;
  int rank, device, aborted, finalizing, under_way; /* works given to streams and not ended */
  long given;                                       /* works so far */
  struct work *pending[MostGrouped];
  struct stream *target[MostGrouped];
  int pendings;
};

static struct club *clubs;
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

static size_t size_of(int type) { return (size_t[]){ 1, 1, 4, 4, 8, 8, 2, 4, 8 }[type]; }

#define ADD(T) for (size_t i = 0; i < count; i++) ((T *)sum)[i] = (T)(((T *)sum)[i] + ((const T *)term)[i]); break
static void add(char *sum, const char *term, size_t count, int type) {
  switch (type) {
    case 1: ADD(uint8_t);
    case 2: ADD(int32_t);
    case 4: ADD(int64_t);
    case 6: ADD(_Float16);
    case 7: ADD(float);
    case 8: ADD(double);
  }
}

/* All ranks have come: their buffers are read before any is written, since they may be the same. */
static void carry_out(struct club *club) {
  struct work *first = &club->work[0];
  int ranks = club->ranks;
  size_t part = first->count * size_of(first->type), all = part * (first->kind == AllGather || first->kind == ReduceScatter ? ranks : 1);
  char *result = malloc(all);
  if (first->kind == Broadcast) memcpy(result, club->work[first->root].send, all);
  else if (first->kind == AllGather) for (int r = 0; r < ranks; r++) memcpy(result + r * part, club->work[r].send, part);
  else for (int r = 0; r < ranks; r++)
    if (r == 0) memcpy(result, club->work[r].send, all);
    else add(result, club->work[r].send, all / size_of(first->type), first->type);
  for (int r = 0; r < ranks; r++)
    if (first->kind == ReduceScatter) memcpy(club->work[r].receive, result + r * part, part);
    else if (first->kind != Reduce || r == first->root) memcpy(club->work[r].receive, result, all);
  free(result);
}

static int are_one_collective(const struct club *club) {
  for (int r = 1; r < club->ranks; r++) {
    const struct work *a = &club->work[0], *b = &club->work[r];
    if (a->kind != b->kind || a->count != b->count || a->type != b->type || a->root != b->root) return 0;
  }
  return 1;
}

/* On the stream's thread. Returns once all ranks have come and the data are where they belong, or the communicator was aborted. */
static void run(void *argument) {
  struct work *work = argument;
  struct comm *comm = work->comm;
  struct club *club = comm->club;
  for (; held[comm->device]; usleep(1000)) {
    pthread_mutex_lock(&club->lock);
    int over = comm->aborted;
    pthread_mutex_unlock(&club->lock);
    if (over) break;
  }
  pthread_mutex_lock(&club->lock);
  if (!comm->aborted) {
    long round = club->round;
    club->work[comm->rank] = *work;
    if (++club->arrived == club->ranks) {
      if (!are_one_collective(club)) club->broken = 1; /* the real one may hang, crash or mix data: here it hangs */
      if (!club->broken) {
        carry_out(club);
        club->arrived = 0;
        club->round++;
        pthread_cond_broadcast(&club->moved);
      }
    }
    while (club->round == round && !comm->aborted) pthread_cond_wait(&club->moved, &club->lock);
    if (club->round == round) club->broken = 1; /* aborted: whoever still comes finds this rank's buffers gone */
  }
  comm->under_way--;
  under_way[comm->device]--;
  pthread_cond_broadcast(&club->moved);
  pthread_mutex_unlock(&club->lock);
  free(work);
}

typedef struct { unsigned char bytes[128]; } unique_id;
typedef struct { size_t size; unsigned magic, version; int blocking; } config;

int ncclGetUniqueId(unique_id *id) {
  static atomic_uint count;
  unsigned seed = ++count;
  for (int i = 0; i < 128; i++) id->bytes[i] = (unsigned char)((seed >> (i % 4 * 8)) ^ (i * 37));
  return Success;
}

static int is_whole(const unique_id *id) {
  unsigned char seed[4];
  for (int i = 0; i < 128; i++) {
    unsigned char byte = (unsigned char)(id->bytes[i] ^ (i * 37));
    if (i < 4) seed[i] = byte;
    else if (seed[i % 4] != byte) return 0;
  }
  return 1;
}

static struct club *club_of(const unique_id *id, int ranks) {
  struct club *club = clubs;
  while (club && memcmp(club->id, id, 128)) club = club->next;
  if (club) return club;
  club = calloc(1, sizeof *club);
  memcpy(club->id, id, 128);
  club->ranks = ranks;
  pthread_mutex_init(&club->lock, NULL);
  pthread_cond_init(&club->moved, NULL);
  club->next = clubs;
  return clubs = club;
}

int ncclCommInitRankConfig(struct comm **result, int ranks, unique_id id, int rank, const config *c) {
  if (current_device() == NoDevice) return UnhandledCuda;
  if (ranks > MostRanks || rank < 0 || rank >= ranks || !is_whole(&id)) return InvalidArgument;
  if (c->magic != 0xcafebeef || c->version < 21400 || c->size < sizeof *c || c->blocking) return InvalidArgument;
  struct comm *comm = calloc(1, sizeof *comm);
  pthread_mutex_lock(&registry);
  struct club *club = club_of(&id, ranks);
  int usable = club->ranks == ranks && !club->comm[rank];
  for (int r = 0; r < ranks; r++) usable &= !club->comm[r] || club->comm[r]->device != current_device();
  if (usable) {
    *comm = (struct comm){ .club = club, .rank = rank, .device = current_device() };
    club->comm[rank] = comm;
    club->joined++;
    club->members++;
    live[comm->device]++;
  }
  pthread_mutex_unlock(&registry);
  if (!usable) { free(comm); return InvalidUsage; }
  *result = comm;
  return InProgress;
}

/* No other rank waits for this one any more. */
static int is_quiescent(const struct comm *comm) {
  for (int r = 0; r < comm->club->ranks; r++) {
    const struct comm *other = comm->club->comm[r];
    if (other && other->given - other->under_way < comm->given) return 0;
  }
  return 1;
}

int ncclCommGetAsyncError(struct comm *comm, int *state) {
  *state = failing[comm->device];
  if (*state) return Success;
  pthread_mutex_lock(&registry);
  int formed = comm->club->joined == comm->club->ranks;
  pthread_mutex_unlock(&registry);
  pthread_mutex_lock(&comm->club->lock);
  int busy = !formed || comm->pendings || (comm->finalizing && !is_quiescent(comm));
  for (int i = 0; i < comm->pendings; i++) {
    comm->under_way++;
    under_way[comm->device]++;
    comm->given++;
    push(comm->target[i], run, comm->pending[i]);
  }
  comm->pendings = 0;
  pthread_mutex_unlock(&comm->club->lock);
  *state = busy ? InProgress : Success;
  return Success;
}

int ncclCommFinalize(struct comm *comm) { comm->finalizing = 1; return InProgress; }

/* Waits until the streams hold none of its work: for ever, if a rank does not come and it is not aborted. */
int ncclCommDestroy(struct comm *comm) {
  struct club *club = comm->club;
  pthread_mutex_lock(&club->lock);
  while (comm->under_way) pthread_cond_wait(&club->moved, &club->lock);
  for (int i = 0; i < comm->pendings; i++) free(comm->pending[i]);
  pthread_mutex_unlock(&club->lock);
  pthread_mutex_lock(&registry);
  pthread_mutex_lock(&club->lock);
  club->comm[comm->rank] = NULL;
  pthread_mutex_unlock(&club->lock);
  int last = --club->members == 0 && club->joined == club->ranks;
  if (last) {
    struct club **at = &clubs;
    while (*at != club) at = &(*at)->next;
    *at = club->next;
    free(club);
  }
  pthread_mutex_unlock(&registry);
  live[comm->device]--;
  free(comm);
  return Success;
}

int ncclCommAbort(struct comm *comm) {
  pthread_mutex_lock(&comm->club->lock);
  comm->aborted = 1;
  pthread_cond_broadcast(&comm->club->moved);
  pthread_mutex_unlock(&comm->club->lock);
  return ncclCommDestroy(comm);
}

const char *ncclGetErrorString(int result) {
  static const char *texts[] = { "no error", "unhandled cuda error", "unhandled system error", "internal error", "invalid argument",
                                 "invalid usage", "remote process exited or there was a network error", "in progress", "timeout" };
  return result >= 0 && result <= 8 ? texts[result] : "unknown";
}

const char *ncclGetLastError(const struct comm *comm) { (void)comm; return "said by the stand-in"; }

static _Thread_local int depth, grouped;
static _Thread_local struct work *group[MostGrouped];
static _Thread_local struct stream *group_target[MostGrouped];

static int submit(struct comm *comm, struct work **works, struct stream **targets, int count) {
  int usable = comm->pendings == 0 && !comm->finalizing;
  for (int i = 0; i < count && usable; i++) {
    comm->pending[comm->pendings] = works[i];
    comm->target[comm->pendings++] = targets[i];
  }
  for (int i = 0; i < count && !usable; i++) free(works[i]);
  return usable ? InProgress : InvalidUsage;
}

int ncclGroupStart(void) { depth++; return Success; }

int ncclGroupEnd(void) {
  if (depth == 0) return InvalidUsage;
  if (--depth > 0 || grouped == 0) return Success;
  int count = grouped;
  grouped = 0;
  return submit(group[0]->comm, group, group_target, count);
}

static int collective(enum kind kind, address send, address receive, size_t count, int type, int root, struct comm *comm, struct stream *s) {
  int ranks = comm->club->ranks, writes = kind != Reduce || root == comm->rank, reads = kind != Broadcast || root == comm->rank;
  if (current_device() != comm->device || device_of(s) != comm->device) return UnhandledCuda;
  if (type < 0 || type > 8 || root < 0 || root >= ranks || depth > 1 || grouped == MostGrouped) return InvalidArgument;
  size_t part = count * size_of(type);
  char *from = behind(send, part * (kind == ReduceScatter ? ranks : 1), comm->device);
  char *to = behind(receive, part * (kind == AllGather ? ranks : 1), comm->device);
  if ((reads && !from) || (writes && !to)) return InvalidArgument;
  struct work *work = calloc(1, sizeof *work);
  *work = (struct work){ comm, kind, from, to, count, type, root };
  if (depth == 0) return submit(comm, &work, &s, 1);
  group[grouped] = work;
  group_target[grouped++] = s;
  return Success;
}

int ncclAllReduce(address send, address receive, size_t count, int type, int op, struct comm *comm, struct stream *s) {
  return op ? InvalidArgument : collective(AllReduce, send, receive, count, type, 0, comm, s);
}
int ncclAllGather(address send, address receive, size_t count, int type, struct comm *comm, struct stream *s) {
  return collective(AllGather, send, receive, count, type, 0, comm, s);
}
int ncclReduceScatter(address send, address receive, size_t count, int type, int op, struct comm *comm, struct stream *s) {
  return op ? InvalidArgument : collective(ReduceScatter, send, receive, count, type, 0, comm, s);
}
int ncclBroadcast(address send, address receive, size_t count, int type, int root, struct comm *comm, struct stream *s) {
  return collective(Broadcast, send, receive, count, type, root, comm, s);
}
int ncclReduce(address send, address receive, size_t count, int type, int op, int root, struct comm *comm, struct stream *s) {
  return op ? InvalidArgument : collective(Reduce, send, receive, count, type, root, comm, s);
}
