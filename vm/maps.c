/* maps.c: the registry and the kernel's own list, /proc/self/maps.
 *
 * The text (its format is in proc(5)) is read a buffer at a time and parsed a line at a time; of a
 * line that is longer than the buffer for one, only the end of the name is lost, which is for
 * output only.  The address space may change between two reads (the registry's own pool may grow),
 * so a line may overlap the one before it.
 */
#include "vm/maps.h"
#include "vm/journal.h"

/* Spare nodes for areas that a refresh finds new, beside one for each known area. */
enum { REFRESH_NODES = 64 };

struct reader {
	struct vm_source *source;
	size_t pos, len; /* buf[pos..len) has been read and not been used yet */
	char buf[1024];
	char line[320];
};

/* ---- one line of text ---- */

struct scan {
	const char *at, *end;
	bool bad;
};

static void expect(struct scan *s, char c)
{
	if (s->at < s->end && *s->at == c)
		s->at++;
	else
		s->bad = true;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

static uint64_t number(struct scan *s, unsigned base, uint64_t max)
{
	const char *first = s->at;
	uint64_t n = 0;

	for (; s->at < s->end && digit_of(*s->at) < base; s->at++) {
		uint64_t more = n * base + digit_of(*s->at);
		if (n >> 60 || more > max)
			s->bad = true;
		n = more;
	}
	if (s->at == first)
		s->bad = true;
	return n;
}

/* Reads one letter of "rwxp": whether it is `yes`; any letter but `no` is an error. */
static bool letter(struct scan *s, char yes, char no)
{
	bool is = s->at < s->end && *s->at == yes;

	expect(s, is ? yes : no);
	return is;
}

/* dev_t as stat(2) has it: 12 + 20 bits in the low half, the rest of major and minor above. */
static uint64_t make_dev(uint64_t major, uint64_t minor)
{
	return (major & 0xfff) << 8 | (major & 0xfffff000) << 32 | (minor & 0xff) |
	       (minor & 0xffffff00) << 12;
}

int vm_line_parse(const char *text, size_t len, struct vm_line *line)
{
	struct scan s = {text, text + len, false};
	uint64_t major;

	*line = (struct vm_line){0};
	line->start = number(&s, 16, UINTPTR_MAX);
	expect(&s, '-');
	line->end = number(&s, 16, UINTPTR_MAX);
	expect(&s, ' ');
	line->prot = letter(&s, 'r', '-') ? VM_R : 0;
	line->prot |= letter(&s, 'w', '-') ? VM_W : 0;
	line->prot |= letter(&s, 'x', '-') ? VM_X : 0;
	line->shared = letter(&s, 's', 'p');
	expect(&s, ' ');
	line->offset = number(&s, 16, UINT64_MAX);
	expect(&s, ' ');
	major = number(&s, 16, UINT32_MAX);
	expect(&s, ':');
	line->dev = make_dev(major, number(&s, 16, UINT32_MAX));
	expect(&s, ' ');
	line->ino = number(&s, 10, UINT64_MAX);
	if (s.at < s.end)
		expect(&s, ' ');
	if (s.bad || line->start >= line->end)
		return -VM_EINVAL;
	while (s.at < s.end && *s.at == ' ')
		s.at++;
	line->name = s.at;
	line->name_len = s.end - s.at;
	return 0;
}

/* Reads the next line: 1, 0 at the end, or a negative errno. */
static int next_line(struct reader *r, struct vm_line *line)
{
	size_t n = 0;
	bool any = false;

	for (;;) {
		char c;
		if (r->pos == r->len) {
			long got = r->source->read(r->source->ctx, r->buf, sizeof r->buf);
			if (got < 0)
				return (int)got;
			r->pos = 0;
			r->len = got;
			if (!got)
				break;
		}
		any = true;
		c = r->buf[r->pos++];
		if (c == '\n')
			break;
		if (n < sizeof r->line)
			r->line[n++] = c;
	}
	if (!any)
		return 0;
	return vm_line_parse(r->line, n, line) ? -VM_EINVAL : 1;
}

static bool is_file(const struct vm_line *line)
{
	return line->dev || line->ino;
}

static bool name_starts(const struct vm_line *line, const char *with)
{
	for (size_t i = 0; with[i]; i++) {
		if (i == line->name_len || line->name[i] != with[i])
			return false;
	}
	return true;
}

static enum vm_kind kind_of(const struct vm_line *line)
{
	if (is_file(line))
		return VM_FILE;
	if (name_starts(line, "[stack]"))
		return VM_STACK;
	/* Includes what the program mapped right above the break, if the kernel merged it. */
	if (name_starts(line, "[heap]"))
		return VM_HEAP;
	if (name_starts(line, "[vvar"))
		return VM_VVAR;
	/* Pages of code that the kernel provides: the first two on x86, the others on arm. */
	if (name_starts(line, "[vdso]") || name_starts(line, "[vsyscall]") ||
		name_starts(line, "[vectors]") || name_starts(line, "[sigpage]"))
		return VM_VDSO;
	return VM_ANON;
}

/* ---- the registry as lines ---- */

/* Sets *line to the next line as the kernel would print it and moves *cursor (vm->first to begin
 * with) behind it; false at the end.  With VM_OWN_LINES, areas of the loader's and others are not
 * joined in one line. */
static bool next_joined(const struct vm_area **cursor, struct vm_line *line, enum vm_lines lines)
{
	const struct vm_area *a = *cursor;
	unsigned apart;

	if (!a)
		return false;
	*line = (struct vm_line){
		.start = a->start,
		.end = a->end,
		.prot = a->what.prot,
		.shared = a->what.flags & VM_SHARED,
		.offset = a->what.offset,
		.dev = a->what.dev,
		.ino = a->what.ino,
		.name = a->what.owner ? a->what.owner->name : "",
		.foreign = a->what.flags & VM_FOREIGN,
	};
	while (line->name[line->name_len])
		line->name_len++;
	for (apart = a->what.apart; a->next && vm_joins(a, a->next); a = a->next) {
		const struct vm_what *next = &a->next->what;
		if (apart && next->apart && apart != next->apart)
			break;
		if (lines == VM_OWN_LINES && ((next->flags ^ a->what.flags) & VM_FOREIGN))
			break;
		apart = apart ? apart : next->apart;
		line->end = a->next->end;
		line->foreign &= !!(next->flags & VM_FOREIGN);
	}
	*cursor = a->next;
	return true;
}

/* ---- updating the registry from the kernel's list ---- */

/* Whether the part of the line at a's address can be a, so that its owner and kind are kept.  The
 * device is not compared: some file systems (btrfs) report another one in stat(2) than here. */
static bool agrees(const struct vm_area *a, const struct vm_line *line, enum vm_kind kind)
{
	const struct vm_what *what = &a->what;

	if (line->shared != !!(what->flags & VM_SHARED))
		return false;
	if (kind == VM_FILE)
		return what->kind == VM_FILE && (!what->ino || what->ino == line->ino) &&
		       what->offset - a->start == line->offset - line->start;
	if (kind == VM_VDSO || kind == VM_VVAR || kind == VM_STACK)
		return what->kind == kind;
	return what->kind != VM_FILE && what->kind != VM_VDSO && what->kind != VM_VVAR &&
	       what->kind != VM_STACK;
}

/* Whether the registry can only estimate the bounds of such an area until it reads the list. */
static bool is_guessed(enum vm_kind kind)
{
	return kind == VM_STACK || kind == VM_VDSO || kind == VM_VVAR;
}

/* What all parts of the line have in common.  The first area in it that agrees supplies what the
 * text does not show: the flags, and the owner of a file or of a guessed area. */
static struct vm_what common_of(const struct vm *vm, const struct vm_line *line)
{
	struct vm_what what = {.kind = kind_of(line), .dev = line->dev, .ino = line->ino};
	const struct vm_area *a = vm_first_above(vm, line->start);

	/* A part of the stack with another protection has no name in the list. */
	if (what.kind == VM_ANON && a && a->start < line->end && a->what.kind == VM_STACK)
		what.kind = VM_STACK;
	while (a && a->start < line->end && !agrees(a, line, what.kind))
		a = a->next;
	what.flags = VM_FOREIGN;
	if (a && a->start < line->end) {
		what.flags = a->what.flags;
		what.apart = a->what.apart;
		what.owner = a->what.owner;
	}
	what.flags &= ~(unsigned)VM_SHARED;
	what.flags |= line->shared ? VM_SHARED : 0;
	vm_set_prot(&what, line->prot);
	return what;
}

/* What to record for the part of the line that begins at `at`: with a's own kind and owner if a
 * (may be NULL) agrees. */
static struct vm_what piece_of(const struct vm_line *line, const struct vm_what *common,
	const struct vm_area *a, uintptr_t at)
{
	struct vm_what what = *common;

	if (a && agrees(a, line, common->kind) && !is_guessed(common->kind)) {
		what.kind = a->what.kind;
		what.flags = (common->flags & ~(unsigned)VM_FOREIGN) | (a->what.flags & VM_FOREIGN);
		if (what.kind != VM_FILE)
			what.owner = a->what.owner;
		vm_set_prot(&what, line->prot);
	} else if (what.kind == VM_ANON || what.kind == VM_HEAP) {
		what.owner = NULL;
		what.flags |= VM_FOREIGN;
	}
	if (what.kind == VM_FILE)
		what.offset = line->offset + (at - line->start);
	return what;
}

/* Gives what lies below the line and the line different `apart` numbers if the registry would join
 * them: the kernel begins a line here, so it has a reason that the registry cannot see. */
static int keep_apart(struct vm *vm, const struct vm_line *line, struct vm_what *common)
{
	struct vm_area first = {.start = line->start, .end = line->end};
	int err = vm_ensure(vm, 1, 0, 0);
	struct vm_area *last = line->start ? vm_lookup(vm, line->start - 1) : NULL;

	if (err || !last)
		return err;
	if (last->end > line->start)
		vm_split(vm, last, line->start);
	first.what = piece_of(line, common, vm_lookup(vm, line->start), line->start);
	if (vm_joins(last, &first)) {
		if (!last->what.apart)
			last->what.apart = ++vm->apart;
		common->apart = ++vm->apart;
	}
	return 0;
}

/* Records one line, area by area; areas are looked up by address each time, since the pool may grow
 * in between.  continued: a part of the line was recorded before. */
static int apply_line(struct vm *vm, const struct vm_line *line, bool continued)
{
	struct vm_what common = common_of(vm, line);
	uintptr_t pos, end;
	int err = continued ? 0 : keep_apart(vm, line, &common);

	if (err)
		return err;
	for (pos = line->start; pos < line->end; pos = end) {
		struct vm_area *a;
		struct vm_what what;

		err = vm_ensure(vm, 3, 0, 0);
		if (err)
			return err;
		a = vm_first_above(vm, pos);
		end = line->end;
		if (a && a->start > pos) {
			end = a->start < end ? a->start : end;
			a = NULL;
		} else if (a) {
			end = a->end < end ? a->end : end;
		}
		if (is_guessed(common.kind))
			end = line->end;
		what = piece_of(line, &common, a, pos);
		if (a && a->what.kind == what.kind && a->start == pos && a->end == end) {
			a->what = what;
			if (a->prev)
				vm_join(vm, a->prev);
		} else {
			vm_record(vm, pos, end, &what);
		}
	}
	return 0;
}

/* Removes [from, to), which the kernel does not list, from the registry, except for the registry's
 * own pool, which may have been mapped after the text was read. */
static int forget(struct vm *vm, uintptr_t from, uintptr_t to)
{
	while (from < to) {
		int err = vm_ensure(vm, 1, 0, 0);
		const struct vm_area *a = vm_first_above(vm, from);
		uintptr_t end;

		if (err)
			return err;
		if (!a || a->start >= to)
			break;
		if (a->start > from)
			from = a->start;
		end = a->end < to ? a->end : to;
		if (a->what.owner != &vm_pool_owner)
			vm_carve(vm, from, end);
		from = end;
	}
	return 0;
}

/* Whether the line is one that the registry can hold. */
static bool is_whole_pages(const struct vm *vm, const struct vm_line *line)
{
	uintptr_t bounds = line->start | line->end | (uintptr_t)(is_file(line) ? line->offset : 0);

	return line->start < line->end && !(bounds & (vm->page - 1));
}

int vm_refresh(struct vm *vm, struct vm_source *maps)
{
	struct reader r;
	struct vm_line line;
	uintptr_t pos = 0;
	int got, err;

	/* Before the first read, so that the list shows a new chunk of the pool, and how the kernel
	 * has merged it.  If the process has made more new areas than this, the pool grows between
	 * two reads: nothing is lost then, but only the next refresh sees that chunk. */
	err = vm_ensure(vm, vm->count + REFRESH_NODES, 0, 0);
	if (err)
		return err;
	r.source = maps;
	r.pos = r.len = 0;
	while ((got = next_line(&r, &line)) > 0) {
		bool continued = line.start < pos;

		if (!is_whole_pages(vm, &line))
			return -VM_EINVAL;
		if (line.end <= pos)
			continue;
		if (continued) {
			line.offset += is_file(&line) ? pos - line.start : 0;
			line.start = pos;
		}
		err = forget(vm, pos, line.start);
		if (!err)
			err = apply_line(vm, &line, continued);
		if (err)
			return err;
		pos = line.end;
	}
	return got ? got : forget(vm, pos, vm_page_down(vm, UINTPTR_MAX));
}

/* ---- comparing the two ---- */

static bool same_backing(const struct vm_line *a, const struct vm_line *b)
{
	return a->prot == b->prot && a->shared == b->shared && a->dev == b->dev && a->ino == b->ino;
}

static bool same_line(const struct vm_line *a, const struct vm_line *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset &&
	       same_backing(a, b);
}

/* Whether the kernel has merged ours with an adjacent mapping of the program's, which the registry
 * need not know, or whose flags the list does not show.  Two adjacent lines of ours in the kernel's
 * one, the first ending at `last`, are a difference: the registry should have merged them. */
static bool is_within(const struct vm_line *ours, const struct vm_line *kernels, uintptr_t last)
{
	return !is_file(ours) && same_backing(ours, kernels) && kernels->start <= ours->start &&
	       ours->end <= kernels->end && ours->start != last;
}

static bool next_ours(const struct vm_area **cursor, struct vm_line *line, enum vm_lines lines)
{
	while (next_joined(cursor, line, lines)) {
		if (lines == VM_ALL_LINES || !line->foreign)
			return true;
	}
	return false;
}

long vm_compare(const struct vm *vm, struct vm_source *maps, enum vm_lines lines,
	void (*report)(void *ctx, const struct vm_line *ours, const struct vm_line *kernels),
	void *ctx)
{
	const struct vm_area *cursor = vm->first;
	struct vm_line ours, kernels;
	struct reader r;
	bool all = lines == VM_ALL_LINES;
	uintptr_t last = 0; /* the end of our last line within the kernel's present line */
	long differ = 0;
	bool have;
	int got;

	r.source = maps;
	r.pos = r.len = 0;
	have = next_ours(&cursor, &ours, lines);
	got = next_line(&r, &kernels);
	while (got >= 0 && (have || got)) {
		bool both = have && got;
		bool step_ours = have && (!got || ours.start <= kernels.start);
		bool step_kernels = got && (!have || kernels.start <= ours.start);

		if (both && !all && !same_line(&ours, &kernels) &&
			is_within(&ours, &kernels, last)) {
			step_ours = true;
			step_kernels = false;
			last = ours.end;
		} else if (!(both && same_line(&ours, &kernels)) && (step_ours || all)) {
			differ++;
			if (report)
				report(ctx, step_ours ? &ours : NULL,
					step_kernels ? &kernels : NULL);
		}
		if (step_ours)
			have = next_ours(&cursor, &ours, lines);
		if (step_kernels) {
			got = next_line(&r, &kernels);
			last = 0;
		}
	}
	return got < 0 ? got : differ;
}
