// Judging replies (outcome.h).
#include "cli/outcome.h"

#include <assert.h>

#include "cli/exit.h"
#include "cli/response.h"
#include "dns/type.h"

static const struct {
    const char *word, *words;
    enum exit_code exit;
} rows[] = {
    [OUTCOME_ANSWER] = {"answer", "answered", EXIT_OK},
    [OUTCOME_NODATA] = {"nodata", "no such type", EXIT_NODATA},
    [OUTCOME_REFERRAL] = {"referral", "a referral", EXIT_NODATA},
    [OUTCOME_NXDOMAIN] = {"nxdomain", "no such name", EXIT_NXDOMAIN},
    [OUTCOME_REFUSED] = {"refused", "refused", EXIT_REFUSED},
    [OUTCOME_ERROR] = {"error", "an error", EXIT_ERROR},
    [OUTCOME_SERVFAIL] = {"servfail", "server failure", EXIT_SERVFAIL},
    [OUTCOME_BOGUS] = {"bogus", "validation failed", EXIT_BOGUS},
    [OUTCOME_BAD_REPLY] = {"bad-reply", "bad reply", EXIT_FAILED},
    [OUTCOME_TIMED_OUT] = {"timeout", "no reply in time", EXIT_NO_REPLY},
    [OUTCOME_NO_SERVER] = {"no-server", "no server", EXIT_UNREACHABLE},
};
static_assert(sizeof rows / sizeof rows[0] == OUTCOMES, "each outcome has its words");

// RFC 8914 4.7 to 4.13: DNSSEC Bogus, and what makes it so.
static bool says_bogus(const struct response *response)
{
    for (size_t i = 0; i < response->ede_count; i++)
        if (response->edes[i].code >= 6 && response->edes[i].code <= 12)
            return true;
    return false;
}

static bool has(const struct response *response, enum section section, uint16_t type)
{
    for (size_t i = 0; i < response->count; i++) {
        const struct response_record *record = &response->records[i];
        if (record->section == section && (record->type == type || type == TYPE_ANY))
            return true;
    }
    return false;
}

// NOERROR: RFC 2308 2.2 tells no data from a referral by the SOA and the NS records in the
// authority section. An alias whose target is not in the reply leads elsewhere; that is an answer.
static enum outcome judge_success(const struct response *response, uint16_t type)
{
    if (has(response, SECTION_ANSWER, type) || response->flags & FLAG_TC) // TC: there is more
        return OUTCOME_ANSWER;
    bool soa = has(response, SECTION_AUTHORITY, TYPE_SOA);
    if (has(response, SECTION_ANSWER, TYPE_CNAME) || has(response, SECTION_ANSWER, TYPE_DNAME))
        return soa ? OUTCOME_NODATA : OUTCOME_ANSWER;
    if (!soa && !(response->flags & FLAG_AA) && has(response, SECTION_AUTHORITY, TYPE_NS))
        return OUTCOME_REFERRAL;
    return OUTCOME_NODATA;
}

enum outcome outcome_judge(const struct response *response, uint16_t type)
{
    switch (response->rcode) {
    case RCODE_NOERROR: return judge_success(response, type);
    case RCODE_NXDOMAIN: return OUTCOME_NXDOMAIN;
    case RCODE_REFUSED: return OUTCOME_REFUSED;
    case RCODE_SERVFAIL: return says_bogus(response) ? OUTCOME_BOGUS : OUTCOME_SERVFAIL;
    default: return OUTCOME_ERROR;
    }
}

const char *outcome_word(enum outcome outcome)
{
    return rows[outcome].word;
}

const char *outcome_words(enum outcome outcome)
{
    return rows[outcome].words;
}

int outcome_exit(enum outcome outcome, bool fail)
{
    return fail || outcome >= OUTCOME_BAD_REPLY ? rows[outcome].exit : EXIT_OK;
}

int outcome_exit_of_all(const enum outcome *outcomes, size_t count, bool fail)
{
    assert(count > 0);
    enum outcome worst = outcomes[0], best = outcomes[0];
    for (size_t i = 1; i < count; i++) {
        worst = outcomes[i] > worst ? outcomes[i] : worst;
        best = outcomes[i] < best ? outcomes[i] : best;
    }
    // Of one name some types are always missing: that is no failure beside those that are there.
    bool failed = worst > OUTCOME_NXDOMAIN && outcome_exit(worst, fail) != EXIT_OK;
    if (!failed)
        return outcome_exit(best == OUTCOME_ANSWER ? best : worst, fail);
    bool some = fail ? best <= OUTCOME_NXDOMAIN : best < OUTCOME_BAD_REPLY;
    return some ? EXIT_PARTLY : outcome_exit(worst, fail);
}
