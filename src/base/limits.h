// Every limit of onym, in one place, each with the reason for its number.
//
// Reaching a limit is an answer (TC, SERVFAIL with an EDE, REFUSED, a drop that is counted), never
// a stall and never a crash. Each limit has a test that reaches it.
#pragma once

// --- names and messages (RFC 1035 2.3.4, 4.2) ----------------------------------------------------
#define NAME_OCTETS_MAX  255   // wire octets of a name, the root's zero included
#define LABEL_OCTETS_MAX 63    // octets of one label
#define NAME_LABELS_MAX  127   // labels without the root: 127 * 2 + 1 = 255
#define NAME_TEXT_MAX    1025  // 255 octets, each as \DDD, dots between, and a NUL
#define MESSAGE_MAX      65535 // two octets of length on TCP
#define HEADER_SIZE      12
#define RDATA_MAX        65535

// A compression pointer must point before the place it stands at, so a chain of them is finite; 127
// is the most that can each add a label.
#define POINTERS_MAX 127

// RFC 9715 3.2 / RFC 6891 6.2.5: what we announce and the most that we send over UDP. It passes
// every path of 1280 octets without fragments.
#define UDP_PAYLOAD_MAX   1232
#define UDP_PAYLOAD_PLAIN 512 // without EDNS (RFC 1035 4.2.1), and the least that EDNS may say

// Options looked at in one OPT record. More is legal and harmless: the rest are passed over, so
// that 65 kB of empty options cost one pass and nothing else.
#define EDNS_OPTIONS_MAX 16
#define NSID_MAX         128

// --- answers
// --------------------------------------------------------------------------------------- CNAME and
// DNAME steps inside one answer. BIND stops at 11, Unbound at 11, Knot Resolver at 13.
#define CHAIN_MAX 12
// RRsets in one answer: a chain (two RRsets for a DNAME step), authority and additional. MX or SRV
// sets name many hosts; the ones past this are left out of the additional section, which is
// allowed.
#define ANSWER_RRSETS_MAX 96
// NSEC or NSEC3 RRsets in one answer: each step of a chain may be by a wildcard, which needs one
// (RFC 4035 3.1.3.3, RFC 5155 7.2.6); the last name may need three (RFC 5155 7.2.2).
#define ANSWER_PROOFS_MAX (CHAIN_MAX - 1 + 3)
// Nodes behind a cut that are looked through for its glue before it is looked up by hash: a cut has
// two or three server names inside, and each node looked at costs less than half a look-up.
#define GLUE_SCAN_MAX 8
// Names remembered for compression while one message is built. More names only compress less.
#define COMPRESSION_SLOTS 128

// --- resolving -----------------------------------------------------------------------------------
// What one client's question may spend, its children's walks included; never reset. It answers
// NXNSAttack, CAMP, TsuNAME and their kin all at once: other resolvers stand between 50 and 200
// packets and at 7 to 10 seconds. A question that brings up another one pays a packet for it, so
// that composed attacks (CAMP) send at most 50.
#define BUDGET_PACKETS     60
#define BUDGET_OCTETS      (100 * 1024)
#define BUDGET_TIME_MS     7000
#define BUDGET_RESTARTS    100 // looks at what is known; each must know more than the last
#define TASK_DEPTH_MAX     7   // a question for a question for a question: addresses of servers
#define REFERRAL_NEEDS_MAX 5   // addresses of servers looked up for one referral
// A delegation: 13 is what the root and com have, and a few addresses for each.
#define DELEGATION_HOSTS_MAX     13
#define DELEGATION_ADDRESSES_MAX 32
// For each worker. A task is some 4 kB and its arena; a waiter some 600 octets.
#define TASKS_MAX          2048
#define WAITERS_MAX        8192
#define TASK_ARENA_OCTETS  (256 * 1024) // what one task may have learned: 64 kB messages, a few
#define CLIENT_WAITERS_MAX 256 // questions of one address that wait at once; the newest is dropped
// Asks on their way to one server at once: slow ones cannot hold every slot.
#define SERVER_ASKS_MAX 512
#define ASKS_MAX        4096
// Walks at the servers of one zone at once: half of the slots, as long as these answer; and once
// they are silent (resolve/quota.h): at 7 s each two of them end in a second, so that a server that
// is back is noticed within one.
#define ZONE_WALKS_MAX (TASKS_MAX / 2)
#define ZONE_WALKS_MIN 16
#define ZONE_COUNTERS  8192
// A hundred thousand words of a trace are none: the budget ends a walk long before.
#define TRACE_STEPS_MAX 4096
// RFC 9520 3.2: failures are remembered for 5 seconds, doubled to at most 5 minutes.
#define FAILURE_TTL_MIN_S 5
#define FAILURE_TTL_MAX_S 300
#define STALE_TTL_S       30   // RFC 8767 5: of an answer past its time
#define STALE_AFTER_MS    1800 // RFC 8767 5: the client's patience
// Answers for a client that asks much are not given later than this: they would come all at once
// (DNSBomb, CVE-2024-33655). Not so for clients whose address cannot be forged.
#define LATE_MS          1900
#define LATE_WAITERS_MAX 16

// --- servers that we ask
#define SERVER_TTL_S         900 // what is known of one is forgotten (Unbound: the same)
#define SERVER_WAIT_START_MS 400 // before the first reply
#define SERVER_WAIT_MIN_MS   50
// Above a server's usual time, before another one is asked beside it: less would take a hiccup of a
// scheduler or of a busy link for a lost packet, and ask twice.
#define SERVER_HEDGE_MIN_MS    10
#define SERVER_WAIT_MAX_MS     10000 // more would lose a server for good after a bad hour
#define SERVER_DEAD_TIMEOUTS   4     // in a row: then one probe in SERVER_PROBE_MS
#define SERVER_PROBE_MS        1000
#define SERVER_LAME_S          60
#define SERVER_FAMILY_TIMEOUTS 6 // networks that do not answer: the family is broken here
#define SERVERS_MAX            16384
// A UDP socket serves so many asks to one address, one after the other, and is closed, or at the
// first reply that comes when it is so old: a guess of its port is good for no longer. Who looks
// for ports by the ICMP they cause (SAD DNS) gets some 1000 answers a second, of 55296 ports.
#define OUTBOUND_USES_MAX    16
#define OUTBOUND_AGE_MS      10000
#define OUTBOUND_SOCKETS_MAX 8192 // for each worker; waiting and spare ones
#define OUTBOUND_SPARE       64   // opened beforehand, for each family that is used
#define OUTBOUND_STREAMS_MAX 512
#define OUTBOUND_IDLE_MS     5000 // a socket or stream without an ask
// Asks under way and failures not yet taken: one for each socket, and as many more by streams. The
// resolver has a quarter of that.
#define OUTBOUND_ASKS_MAX 16384
// Ports are drawn from here up: most of those that services have registered are below, and one that
// starts while we hold its port would fail. 55296 ports are 15.75 bits; from 1024 up it were 15.98.
#define OUTBOUND_PORT_MIN 10240
// Draws of a port before a socket is given up: with half of all ports taken one in a million is.
#define OUTBOUND_PORT_TRIES 20
// Sockets opened and closed beside the asks in one turn: some 40 us.
#define OUTBOUND_TURN 8
// A datagram: we announce UDP_PAYLOAD_MAX, but some servers go by their own mind.
#define OUTBOUND_DATAGRAM_MAX 4096
// Of one stream. More asks at once open another: servers work off about so many side by side.
#define OUTBOUND_STREAM_ASKS_MAX 128
#define OUTBOUND_UNSENT_MAX      (2 * (2 + MESSAGE_MAX))
// What is read of one stream before the others get their turn.
#define OUTBOUND_STREAM_TURN (16 * 1024)
#define OUTBOUND_LOG_MS      60000 // between two lines that there was no socket for an ask

// --- the cache
#define CACHE_OCTETS_MIN (1024 * 1024)
#define CACHE_OCTETS_MAX ((size_t)32 * 1024 * 1024 * 1024) // a reference is 32 bits, in units of 8
// One entry: the largest RRset that a message can bring. More than a sixteenth of a segment each
// would make eviction coarse.
#define CACHE_ENTRY_MAX (64 * 1024)

// --- a zone
// ---------------------------------------------------------------------------------------- $INCLUDE
// in $INCLUDE: enough for every sane tree, little enough to name a loop quickly.
#define INCLUDE_DEPTH_MAX 16
// One $GENERATE line: the whole of 0-65535 (a /16 of PTR records).
#define GENERATE_MAX 65536
// Problems kept for one run of a check; the count goes on.
#define PROBLEMS_MAX 1000
// One record of a zone file as text, parentheses and all: 64 kB of rdata as \DDD is four times
// that.
#define RECORD_TEXT_MAX (1024 * 1024)
// Images up to this size share memory with others. A larger one has pages of its own, of which half
// a page is lost: nothing at this size; and 65530 mappings of it are 16 GB.
#define BLOCK_SHARED_MAX (256 * 1024)

// --- images on disk
// An image from this size on has a file of its own, and small ones share one of about that size: it
// is the unit of reading, and what a join of several has to hold in memory.
#define PACK_OWN_OCTETS (1024 * 1024)
#define PACK_OCTETS_MAX (64 * 1024 * 1024)
// Files of small zones beside full ones: each reload that finds changed files adds one.
#define PACKS_MAX 16
// What waits to be written to a disk that is slow or hangs. Past it images are not kept: the next
// start reads those zones from their files.
#define STORE_WAITING_MAX ((size_t)1024 * 1024 * 1024)

// RFC 5155 10.3: the most iterations that any zone may have. RFC 9276 3.1 wants none, and each
// costs us at every denial; but it is the operator's own zone.
#define NSEC3_ITERATIONS_SERVED_MAX 2500

// --- routes
// Records of one rule: more addresses in one answer than this do not fit a datagram of 1232 octets.
#define ROUTE_ITEMS_MAX 64
// Rules of one name and type: one for each country, and some to spare.
#define ROUTE_RULES_MAX 1000
// Octets of the records that one rule gives: they are put together in the answer's own memory.
#define ROUTE_OCTETS_MAX 2048

// --- aliases (ALIAS records)
// Targets that are looked after, and how many of their questions are under way at once.
#define ALIAS_TARGETS_MAX 100000
#define ALIAS_RUNNING_MAX 64
// A target with a shorter time to live is asked for no more often than this.
#define ALIAS_TTL_MIN_S 5
// One that cannot be found is tried again so much later, doubled each time.
#define ALIAS_AGAIN_MS     5000
#define ALIAS_AGAIN_MAX_MS 60000

// --- health checks
// Checks at once: each is a connection or a process. At a time-out of 2 s, all of them hanging,
// that is still 128 checks a second.
#define CHECKS_RUNNING_MAX 256
// Addresses that are checked: at an interval of 10 s a thousand checks a second, 9 % (TCP) to 11 %
// (HTTP) of a core for the checker and 2 % for the server, measured.
#define CHECK_TARGETS_MAX 10000
// The checker is started again so long after it ended, doubled each time it ends soon.
#define CHECKER_AGAIN_MS     1000
#define CHECKER_AGAIN_MAX_MS 60000
// So long after the longest check should have been over, without any result, the checker is killed:
// five seconds are no load of this machine any more.
#define CHECKER_SILENCE_MS 5000
// Targets that have metrics of their own.
#define METRICS_TARGETS_MAX 1000

// --- a worker ------------------------------------------------------------------------------------
#define WORKERS_MAX   256
#define BATCH_MAX     64   // datagrams in one recvmmsg: the cost is flat from 8 to 64
#define SLOT_OCTETS   1536 // one datagram in and out: 1232 and room to decode an odd larger query
#define LISTENERS_MAX 1024

// What the kernel keeps for a UDP socket while its worker is busy: about 1400 small queries, 5 ms
// of work. Much more would only make the answers later than the clients' patience.
#define UDP_WAITING_OCTETS (512 * 1024)
// Batches from one socket before the others get their turn.
#define UDP_ROUNDS_MAX 16

// --- TCP (RFC 7766 6.2, RFC 9210) ----------------------------------------------------------------
#define TCP_CONNECTIONS_MAX 20000        // for each worker; the longest idle one makes room
#define TCP_PER_ADDRESS_MAX 128          // connections from one address (an IPv6 /64)
#define TCP_IDLE_MS         10000        // RFC 7766 6.2.3: seconds, so that clients can reuse
#define TCP_IDLE_CROWDED_MS 1000         // above three quarters of the connections
#define TCP_WRITE_MAX       (256 * 1024) // unsent octets of a connection; then it is not read
#define TCP_STALL_MS        10000 // a client that takes no octet of its answer that long is gone
// Unsent answers and unfinished queries of all connections of a worker together. Few clients read
// so slowly that it matters; when many do at once, the one that would go past it is closed.
#define TCP_BUFFERED_MAX (64 * 1024 * 1024)
// Queries of one connection that are answered later; then it is not read. A busy forwarder has some
// dozens under way.
#define TCP_DEFERRED_MAX 100
// Connections that ended in one turn while answers of theirs were awaited: more are found out one
// by one, when the answer comes.
#define TCP_GONE_MAX 1024
// What one connection may send in one turn of the worker: 16 kB are some 400 queries, half a
// millisecond of answering, and then it is the others' turn.
#define TCP_TURN_OCTETS (16 * 1024)
// Messages of outgoing transfers in one turn of a worker, of all transfers together: some 130 kB,
// made in a third of a millisecond, which is what a query may wait longer than without them.
#define TRANSFER_TURN_MESSAGES 4
// Octets of one of them. RFC 5936 2.2 lets them be as large as TCP takes; these are large enough
// for the cost of a message not to count, and a worker that makes one delays no query by much.
#define OUTGOING_MESSAGE_MAX 32768
// Members of one catalog zone (RFC 9432): twice the zones that a house is measured with. The list
// of so many is some 300 MB.
#define CATALOG_MEMBERS_MAX 2000000
// Catalogs of a configuration. A zone knows its own by 16 bits, for all that came and went.
#define CATALOGS_MAX 1000
// Until a catalog of ours that could not be kept is tried again.
#define LISTING_AGAIN_MS 5000
// NOTIFY messages of one secondary that wait for an answer: enough to keep one busy that answers,
// and all that one which is dead gets.
#define NOTICE_FLIGHTS_MAX 32
// Tries of one message, and the wait for the first answer, twice as long each time: after 63 s it
// is the secondary's turn to ask (RFC 1035 4.3.5).
#define NOTICE_TRIES_MAX 6
#define NOTICE_WAIT_MS   1000
// Changes stay in history for a year, if nothing else is said: long enough for whoever asks what
// happened last spring.
#define HISTORY_KEEP_S ((uint64_t)365 * 24 * 3600)
// Differences of a zone that are kept in memory for IXFR: more steps than that are sooner sent as
// the whole zone, and so are more octets than half of its image.
#define JOURNAL_STEPS_MAX 1024
// Octets that may always be kept of a small zone.
#define JOURNAL_OCTETS_LEAST ((size_t)64 * 1024)
// What a primary may send for one zone before we hang up: a TLD of ten million delegations is 1 GB.
#define INCOMING_OCTETS_MAX ((uint64_t)8 << 30)
// Differences of one IXFR; a primary that has more is asked for the whole zone.
#define INCOMING_DIFFS_MAX 10000
// Records of a zone that a command gives as one text: 10 MB, made in a tenth of a second in which
// the main thread does nothing else.
#define EXPORT_RECORDS_MAX 200000
// Bounds of a SOA's refresh and retry: nobody is asked more often than each second, and nobody is
// forgotten for longer than four weeks.
#define REFRESH_LEAST_S 1
#define REFRESH_MOST_S  (28u * 24 * 3600)
// Questions to primaries that wait for an answer, and transfers under way, in all and with one
// primary: enough to keep a primary busy that answers, and all that a dead one gets. The wait for
// an answer to a question, and for the next octets of a transfer.
#define FETCH_ASKS_MAX                  512
#define FETCH_TRANSFERS_MAX             32
#define FETCH_PER_PRIMARY_MAX           64
#define FETCH_TRANSFERS_PER_PRIMARY_MAX 16
// Zones that were taken and that the writer has yet to keep: some 10 kB each, if they are small.
#define FETCH_HANDED_MAX 4096
// Of a zone with so many records a whole version that comes is held against the one that there is:
// less memory, where memory matters.
#define COMPARE_RECORDS_LEAST 1000
// Connections to primaries that are kept for a next zone, and for how long nobody need want one.
#define SPARES_MAX 32
#define SPARE_MS   1000
// Primaries for whose zones there is a line to wait in; zones of others try again now and then.
#define CROWDS_MAX        64
#define FETCH_ANSWER_MS   2000
#define FETCH_TRANSFER_MS 20000
// Rules of who may update a zone; a client's are bits of a word.
#define UPDATE_RULES_MAX 64
// Updates that are on their way to primaries, each with a connection; how long a primary may take
// to be reached before the next one is tried, and to answer: it may sync a disk before that.
#define FORWARDS_MAX       256
#define FORWARD_CONNECT_MS 2000
#define FORWARD_ANSWER_MS  10000
// Octets of updates that wait for the writer of zones: a thousand of the largest, and a second of
// work; who comes then is told SERVFAIL and tries again.
#define CHANGES_OCTETS_MAX ((size_t)64 * 1024 * 1024)
// A database of places is read into memory; a city database of DB-IP has 64 MB for each family.
#define PLACES_FILE_OCTETS_MAX ((uint64_t)1 << 30)

// --- control -------------------------------------------------------------------------------------
#define CONTROL_REQUEST_MAX (16 * 1024 * 1024) // a zone as a text
#define CONTROL_CLIENTS_MAX 16
#define CONTROL_IDLE_MS     10000 // a client that neither sends its request nor takes its reply

// Zones that a status lists: 400 kB and some milliseconds. Who wants to know of another one asks
// for it by its name.
#define STATUS_ZONES_MAX 2000
// Entries of the cache in one reply: some 20 MB of text; who wants more has a name to ask for.
#define CACHE_LISTED_MAX 100000
#define CACHE_TOP_MAX    50 // domains that `cache top` lists: a screen
// Domains that `cache top` counts: 40 MB of memory at most. A flood of random names must not make
// the command a second cache; who has many entries is met before the places are gone.
#define CACHE_DOMAINS_MAX 65536
// Looks through the whole cache at once: each has a thread, and costs a core some seconds.
#define SEARCHES_MAX 4
// Traces and whys that wait for workers. Their clients may hang up; the questions go on.
#define VISITS_MAX 64
// Zones that have metrics of their own: each is two lines for every scrape.
#define METRICS_ZONES_MAX 1000
// Configured servers (forward and stub) that have: likewise.
#define METRICS_UPSTREAMS_MAX 100

// --- loading zones
// A zone that takes longer goes on loading while everything else is served.
#define ZONE_PATIENCE_MS 5000
// Threads that such zones may hold beside the usual loaders (one for each CPU).
#define LOADERS_SLOW_MAX 64
// Loads that wait for a thread: enough for threads that take 20 us for each until the main thread
// comes round; a million of them would be 400 MB.
#define LOADS_QUEUED_MAX 4096
// Broken zones of one reload that the log tells one by one: the log is for people.
#define LOGGED_ZONES_MAX 100

// --- configuration -------------------------------------------------------------------------------
#define CONFIG_OCTETS_MAX        (64 * 1024 * 1024) // a million zones in one file are 40 MB
#define CONFIG_DEPTH_MAX         32 // YAML nesting; an alias bomb ends here and at the count
#define CONFIG_INCLUDE_DEPTH_MAX 8
// Forward and stub zones: each is a delegation of some 3 kB, and has a number of 16 bits
// (resolve/rules.h).
#define RESOLVE_ZONES_MAX 10000
// Views beside that of everybody else; and zones that one view is resolved by. What each learns has
// sources of its own in the cache, which are numbers of 16 bits (resolve/rules.h).
#define VIEWS_MAX      15
#define VIEW_ZONES_MAX 500
// Root hints: thirteen servers and their comments are 3 kB.
#define HINTS_FILE_OCTETS_MAX (64 * 1024)
// Hosts files: a list of a million blocked names is some 30 MB.
#define HOSTS_FILE_OCTETS_MAX (64 * 1024 * 1024)
// A file that changes is read when it has been at rest for a moment, and once a second at most.
#define HOSTS_SETTLE_MS 50
#define HOSTS_EVERY_MS  1000
// A network that changes again and again has servers tried anew no more often than this.
#define ROUTES_EVERY_MS 1000

// --- the lab -------------------------------------------------------------------------------------
#define LAB_SERVERS_MAX  4096     // addresses; two sockets for each, as a /20 of 127.0.0.0/8 has
#define LAB_ZONES_MAX    100000   // repeated ones too: each is an image of its own
#define LAB_NAMES_MAX    10000000 // that `generate` makes: about a gigabyte of images
#define LAB_DELAY_MAX_MS 60000    // of a reply: no client waits as long
// Replies that wait for their time: half a second of 250000 a second, 200 MB. What comes above it
// gets no reply, and is counted.
#define LAB_WAITING_MAX 131072
#define LAB_STREAMS_MAX 1024 // TCP connections of all servers; the longest idle one makes room
