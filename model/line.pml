/*
 * The line between two nodes: one channel, two logs, the note of own heads, and
 * the restore handshake, after spec/link.md and spec/ledger.md. README.md says
 * what is left out. Node 0 may be restored from a backup; both may crash.
 *
 * What must hold is asserted where it could break; each assertion names its
 * sentence. A rule is taken out with -D (see ./run); a trail must then appear.
 */

#ifndef ACTS0
#define ACTS0 1   /* acts that node 0 says before it stops */
#endif
#ifndef ACTS1
#define ACTS1 1
#endif
#ifndef CRASHES
#define CRASHES 1 /* of each node, beside the one restore of node 0 */
#endif

#define MAX  9    /* leaves in a log; no run may need more: LED-25 */
#define GENS 3

#define ACT 64    /* leaf: kind, for a receipt the size it ends at, and a salt */
#define RCP 128
#define GEN 192
#define KIND(leaf) ((leaf) & 192)
#define UPTO(leaf) (((leaf) >> 2) & 15)

typedef Log {
	byte l[MAX];
	byte n; /* size */
	byte g; /* generation */
	byte s  /* size at which that began */
};

typedef Store { /* what a transaction commits */
	Log own;
	Log their;
	byte cov;  /* their size that our newest receipt covers */
	byte seen; /* their size that our newest leaf names */
	bit ended;
	byte acts  /* still to be said; the world's, and not undone by a restore */
};

typedef Note { byte n; byte g; bit clean; bit kept };

typedef Known { byte n; byte l[MAX]; byte by[MAX] };

typedef Turn { Log push; Log back; byte asks; byte answers };

Store S[2];
Note note[2];
Turn box[2];      /* on its way to node 0, to node 1 */
bit sent[2];

Store backup;
bit saved, restored;

bit restoring[2]; /* of the running process */
bit owes[2];      /* RECEIPT_LATER: stored, and not yet receipted */
bit unnoted;      /* NOTE_LATER: node 0 sent a head that the note has not */
byte nonce[2], heard[2];

byte salt[2];     /* another one after each start: no two leaves are the same */
byte crashes[2];

/* What the world has seen: of each origin the longest log under a signed head
 * that left; of each node what it knows to be receipted, and by which leaf. */
Log shown[6];     /* GENS * node + generation */
Known known[2];

#ifdef SHORTEST /* a search by breadth takes no hidden variables */
#define SCRATCH
#else
#define SCRATCH hidden
#endif
SCRATCH byte k, c, from, ok, past;
#if defined(SIGN_BEFORE_COMMIT) || defined(ANSWER_BEFORE_COMMIT)
SCRATCH Store undo;
#endif

#define PEER(p) (1 - (p))
#ifdef NO_NONCE
#define OVER_NONCE(p) 1
#else
#define OVER_NONCE(p) (box[p].answers == nonce[p])
#endif
#define ORIGIN(p) shown[GENS * (p) + S[p].own.g]

inline copy(dst, src) {
	for (k : 0 .. MAX - 1) { dst.l[k] = src.l[k] }
	dst.n = src.n; dst.g = src.g; dst.s = src.s
}

inline copyStore(into, from_) {
	copy(into.own, from_.own); copy(into.their, from_.their);
	into.cov = from_.cov; into.seen = from_.seen; into.ended = from_.ended
}

/* ok: the first upto leaves of one and two are the same */
inline same(one, two, upto) {
	ok = 1;
	for (k : 0 .. MAX - 1) {
		if
		:: k < upto && one.l[k] != two.l[k] -> ok = 0
		:: else
		fi
	};
	k = 0
}

/* ok: node p has stored something beyond its newest receipt that is not itself
 * a receipt. LED-25 */
inline due(p) {
	ok = 0;
#ifdef RECEIPTS_FOR_RECEIPTS
	ok = (S[p].their.n > S[p].cov);
#else
	for (k : 0 .. MAX - 1) {
		if
		:: k >= S[p].cov && k < S[p].their.n && KIND(S[p].their.l[k]) != RCP -> ok = 1
		:: else
		fi
	}
#endif
	k = 0
}

inline append(p, leaf) {
	assert(S[p].own.n < MAX);             /* LED-25: every exchange ends */
	assert(S[p].own.n >= ORIGIN(p).n);    /* LNK-33, LNK-36: nothing at a position that was shown */
	S[p].own.l[S[p].own.n] = leaf;
	S[p].own.n++;
	S[p].seen = S[p].their.n
}

inline receipt(p) {
	due(p);
	if
	:: ok ->
		append(p, RCP | (S[p].their.n << 2) | salt[p]);
		S[p].cov = S[p].their.n
	:: else
	fi
}

/* What node p learns of its own entries from receipts in the log it stored. */
inline learn(p) {
	from = 0;
	for (k : 0 .. MAX - 1) {
		if
		:: k < S[p].their.n && KIND(S[p].their.l[k]) == RCP ->
			assert(UPTO(S[p].their.l[k]) <= S[p].own.n);   /* LED-20 */
#ifdef RECEIPTS_FROM_ZERO
			from = 0;
#endif
			for (c : 0 .. MAX - 1) {
				if
				:: c >= from && c < UPTO(S[p].their.l[k]) ->
					assert(known[p].by[c] == 0 || known[p].by[c] == k + 1); /* LED-26: one receipt, for ever */
					known[p].by[c] = k + 1;
					known[p].l[c] = S[p].own.l[c]
				:: else
				fi
			}
			from = UPTO(S[p].their.l[k]);
			if
			:: from > known[p].n -> known[p].n = from
			:: else
			fi
		:: else
		fi
	};
	k = 0
}

/* Holds whenever nothing of node p is in the middle of a transaction. */
inline atRest(p) {
	due(p);
	assert(!ok || restoring[p] || S[p].ended || owes[p]); /* LNK-21 */
	for (k : 0 .. MAX - 1) {
		if
		:: k < known[0].n && !restoring[0] -> assert(k < S[0].own.n && S[0].own.l[k] == known[0].l[k]) /* LNK-34 */
		:: else
		fi;
		if
		:: k < known[0].n -> assert(k < S[1].their.n && S[1].their.l[k] == known[0].l[k])              /* LNK-38 */
		:: else
		fi;
		if
		:: k < known[1].n -> assert(k < S[1].own.n && S[1].own.l[k] == known[1].l[k])
		:: else
		fi;
		if
		:: k < known[1].n && !restoring[0] -> assert(k < S[0].their.n && S[0].their.l[k] == known[1].l[k])
		:: else
		fi
	};
	k = 0
}

/* A head over all of the own log leaves: the world has it from now on. */
inline reveal(p) {
	c = (S[p].own.n < ORIGIN(p).n -> S[p].own.n : ORIGIN(p).n);
	same(S[p].own, ORIGIN(p), c);
	assert(ok); /* EVI-3, EVI-4: no two heads of one origin that contradict each other */
	if
	:: S[p].own.n > ORIGIN(p).n -> copy(ORIGIN(p), S[p].own)
	:: else
	fi
}

inline writeNote(p, tidy) {
	note[p].n = S[p].own.n; note[p].g = S[p].own.g; note[p].clean = tidy; note[p].kept = 1
}

/* A turn leaves, if there is room on the line; a restoring node delivers
 * nothing. An ended log gets no new leaf, and what it has may still go. */
inline send(p) {
	if
	:: !restoring[p] ->
		reveal(p);
		copy(box[PEER(p)].push, S[p].own)
	:: else ->
		copy(box[PEER(p)].push, S[p].own); box[PEER(p)].push.n = 0; box[PEER(p)].push.s = 0
	fi;
	for (k : 0 .. MAX - 1) {
		if
		:: k >= box[PEER(p)].push.n -> box[PEER(p)].push.l[k] = 0
		:: else
		fi
	}
	copy(box[PEER(p)].back, S[p].their);
	box[PEER(p)].asks = (restoring[p] -> nonce[p] : 0);
	box[PEER(p)].answers = heard[p];
	printf("node %d sends %d leaves of generation %d, holds %d, asks %d, answers %d\n", p, box[PEER(p)].push.n, box[PEER(p)].push.g, S[p].their.n, box[PEER(p)].asks, box[PEER(p)].answers);
	sent[PEER(p)] = 1
}

inline drop(q) {
	for (k : 0 .. MAX - 1) { box[q].push.l[k] = 0; box[q].back.l[k] = 0 }
	box[q].push.n = 0; box[q].push.g = 0; box[q].push.s = 0;
	box[q].back.n = 0; box[q].back.g = 0; box[q].back.s = 0;
	box[q].asks = 0; box[q].answers = 0; sent[q] = 0
}

/* LNK-36: does the log go on under its origin? told is what the answer says
 * that was shown. */
inline decide(p, told) {
	if
	:: S[p].own.n == 0 && (!note[p].kept || note[p].n == 0) && told.n == 0
	:: note[p].kept && note[p].clean && note[p].n == S[p].own.n && note[p].g == S[p].own.g &&
		told.n == S[p].own.n && told.g == S[p].own.g
	:: else ->
#ifndef NO_GENERATION
		S[p].ended = 1;
#endif
		skip
	fi
}

/* A process starts on what the store and the note hold. LNK-33 */
inline start(p, ordinary) {
	salt[p]++;
	nonce[p] = salt[p];
	heard[p] = 0; owes[p] = 0;
	past = restoring[p];
#ifdef NO_NOTE
	restoring[p] = 0;
#else
	restoring[p] = (!note[p].kept -> S[p].own.n > 0
		: note[p].g > S[p].own.g || (note[p].g == S[p].own.g && note[p].n > S[p].own.n));
#endif
	assert(!ordinary || !restoring[p] || past || S[p].ended || !note[p].kept); /* LNK-5: a crash alone loses nothing that was shown */
#ifdef NO_ANSWER
	if
	:: restoring[p] -> restoring[p] = 0; decide(p, S[p].own)
	:: else
	fi;
#endif
	if
	:: !restoring[p] -> atRest(p)
	:: else
	fi
}

/* The answer to a restoring node: first what is lost, then the decision.
 * LNK-34, LNK-35, LNK-36 */
inline answered(p) {
	if
	:: restoring[p] && OVER_NONCE(p) ->
		if
		:: box[p].back.g > S[p].own.g || (box[p].back.g == S[p].own.g && box[p].back.n > S[p].own.n) ->
			copy(S[p].own, box[p].back)
		:: else
		fi;
		decide(p, box[p].back);
		restoring[p] = 0
	:: else
	fi
}

/* A delivery of theirs. LNK-10 to LNK-22, LNK-38 */
inline accept(p) {
	if
	:: restoring[p] || box[p].push.n == 0 || box[p].push.g < S[p].their.g || (box[p].push.g == S[p].their.g && box[p].push.n <= S[p].their.n) ->
		/* refused, empty, of an ended generation, or a repeat: LNK-9, LNK-12 */
		if
		:: !restoring[p] && box[p].push.g == S[p].their.g ->
			same(box[p].push, S[p].their, box[p].push.n);
			assert(ok) /* LNK-24: nobody honest is proved a forger */
		:: else
		fi
	:: else ->
		if
		:: box[p].push.g == S[p].their.g ->
			same(box[p].push, S[p].their, S[p].their.n);
			assert(ok) /* LNK-39 */
		:: else ->
			/* the line must go on after a restore: LNK-38 */
			assert(box[p].push.s <= S[p].their.n && box[p].push.s >= S[p].seen);
			same(box[p].push, S[p].their, box[p].push.s);
			assert(ok)
		fi;
		copy(S[p].their, box[p].push);
#ifdef RECEIPT_LATER
		due(p);
		owes[p] = ok && !S[p].ended;
#else
		if
		:: !S[p].ended -> receipt(p)
		:: else
		fi;
#endif
		learn(p)
	fi
}

inline restore() {
	printf("node 0 is restored; note kept %d\n", note[0].kept);
	restored = 1;
	copyStore(S[0], backup);
	start(0, 0)
}

#ifdef RENEW_AT_ONCE
#define HELD 1
#else
#define HELD (S[PEER(me)].their.g == S[me].own.g && S[PEER(me)].their.n >= S[me].own.n)
#endif

proctype Node(byte me) {
	do
	/* An officer says something. */
	:: atomic { !restoring[me] && !S[me].ended && !owes[me] && S[me].acts > 0 ->
#ifdef SIGN_BEFORE_COMMIT
		if
		:: !sent[PEER(me)] && crashes[me] < CRASHES ->
			d_step {
				copyStore(undo, S[me]);
				printf("node %d signs and sends leaf %d, and dies before it commits\n", me, S[me].own.n);
				append(me, ACT | salt[me]); writeNote(me, 0); send(me);
				copyStore(S[me], undo); crashes[me]++; start(me, 1)
			}
		:: d_step { append(me, ACT | salt[me]); S[me].acts-- }
		fi
#else
		d_step { printf("node %d says something, leaf %d\n", me, S[me].own.n); append(me, ACT | salt[me]); S[me].acts--; atRest(me) }
#endif
	}

	/* Before a head leaves it is in the note: LNK-31. Then it leaves, or not. */
	:: d_step { !sent[PEER(me)] && !owes[me] ->
#ifdef NOTE_LATER
		if
		:: me == 0 -> unnoted = 1
		:: else
		fi;
#else
		if
		:: !restoring[me] && !S[me].ended -> writeNote(me, 0)
		:: else
		fi;
#endif
		send(me)
	}
#ifdef NOTE_LATER
	:: d_step { me == 0 && unnoted && !restoring[0] && !S[0].ended -> writeNote(0, 0); unnoted = 0 }
#endif
#ifdef RECEIPT_LATER
	:: d_step { owes[me] -> receipt(me); owes[me] = 0; atRest(me) }
#endif

	/* A turn comes; it may come again, so taking it does not take it away. */
	:: atomic { sent[me] && !owes[me] ->
#ifdef ANSWER_BEFORE_COMMIT
		if
		:: !sent[PEER(me)] && crashes[me] < CRASHES && !restoring[me] && !S[me].ended && box[me].push.g == S[me].their.g && box[me].push.n > S[me].their.n ->
			d_step {
				copyStore(undo, S[me]);
				printf("node %d answers, and dies before it commits\n", me);
				copy(S[me].their, box[me].push); receipt(me); writeNote(me, 0); send(me);
				copyStore(S[me], undo); crashes[me]++; start(me, 1)
			}
		:: skip
		fi;
#endif
		d_step {
			if
			:: box[me].asks != 0 -> heard[me] = box[me].asks
			:: else
			fi;
			printf("node %d takes %d leaves of generation %d\n", me, box[me].push.n, box[me].push.g);
			answered(me);
			accept(me);
			if
			:: !restoring[me] -> atRest(me)
			:: else
			fi
		}
	}

	/* A turn is lost. */
	:: d_step { sent[me] -> printf("what was on its way to node %d is lost\n", me); drop(me) }

	/* The root opens a new generation, once the other holds all of the old one
	 * that is left: LNK-37, LNK-38. What was stored meanwhile is
	 * receipted: LNK-22. */
	:: d_step { S[me].ended && !restoring[me] && HELD ->
		assert(S[me].own.g < GENS - 1);
		printf("node %d opens generation %d at %d\n", me, S[me].own.g + 1, S[me].own.n);
		S[me].own.g++; S[me].own.s = S[me].own.n; S[me].ended = 0;
		append(me, GEN | salt[me]);
		receipt(me);
		atRest(me)
	}

	/* The process dies between two transactions, and is started. */
	:: d_step { crashes[me] < CRASHES -> printf("node %d dies and starts\n", me); crashes[me]++; start(me, 1) }

	/* It stops in order: the note is clean. LNK-32 */
	:: d_step { me == 0 && !restored && !restoring[0] && !S[0].ended && !note[0].clean && note[0].kept && !owes[0] -> printf("node 0 stops in order\n"); writeNote(0, 1) }

	/* A backup is made, once; and put back, once, with the
	 * note of now, or with none. */
	:: d_step { me == 0 && !saved && !owes[0] -> printf("a backup of %d and %d leaves\n", S[0].own.n, S[0].their.n); copyStore(backup, S[0]); saved = 1 }
	:: d_step { me == 0 && saved && !restored -> restore() }
	:: d_step { me == 0 && saved && !restored -> note[0].kept = 0; note[0].clean = 0; note[0].n = 0; note[0].g = 0; restore() }

#ifdef GOAL
	/* Not a rule: the whole story can be told. */
	:: d_step { me == 0 && restored && S[0].own.g == 1 && S[1].their.g == 1 && known[0].n > S[0].own.s && known[1].n > 0 && S[0].acts == 0 && S[1].acts == 0 -> assert(false) }
#endif
	od
}

init {
	atomic { S[0].acts = ACTS0; S[1].acts = ACTS1; note[0].kept = 1; note[1].kept = 1;
		/* The card that each says when the line is founded: no log is ever empty. */
		S[0].own.l[0] = ACT; S[0].own.n = 1; S[1].own.l[0] = ACT; S[1].own.n = 1; run Node(0); run Node(1) }
}
