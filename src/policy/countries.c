// The table of countries (countries.h). Codes and names are those of ISO 3166-1, shortened as
// people say them; XK is what databases call Kosovo. A country's continent is the one that
// databases of places put it in.
#include "policy/countries.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/suggest.h"

// In the order of the codes.
static const struct country countries[] = {
    {"AD", "EU", "Andorra"},
    {"AE", "AS", "United Arab Emirates"},
    {"AF", "AS", "Afghanistan"},
    {"AG", "NA", "Antigua and Barbuda"},
    {"AI", "NA", "Anguilla"},
    {"AL", "EU", "Albania"},
    {"AM", "AS", "Armenia"},
    {"AO", "AF", "Angola"},
    {"AQ", "AN", "Antarctica"},
    {"AR", "SA", "Argentina"},
    {"AS", "OC", "American Samoa"},
    {"AT", "EU", "Austria"},
    {"AU", "OC", "Australia"},
    {"AW", "NA", "Aruba"},
    {"AX", "EU", "Åland Islands"},
    {"AZ", "AS", "Azerbaijan"},
    {"BA", "EU", "Bosnia and Herzegovina"},
    {"BB", "NA", "Barbados"},
    {"BD", "AS", "Bangladesh"},
    {"BE", "EU", "Belgium"},
    {"BF", "AF", "Burkina Faso"},
    {"BG", "EU", "Bulgaria"},
    {"BH", "AS", "Bahrain"},
    {"BI", "AF", "Burundi"},
    {"BJ", "AF", "Benin"},
    {"BL", "NA", "Saint Barthélemy"},
    {"BM", "NA", "Bermuda"},
    {"BN", "AS", "Brunei"},
    {"BO", "SA", "Bolivia"},
    {"BQ", "NA", "Caribbean Netherlands"},
    {"BR", "SA", "Brazil"},
    {"BS", "NA", "Bahamas"},
    {"BT", "AS", "Bhutan"},
    {"BV", "AN", "Bouvet Island"},
    {"BW", "AF", "Botswana"},
    {"BY", "EU", "Belarus"},
    {"BZ", "NA", "Belize"},
    {"CA", "NA", "Canada"},
    {"CC", "AS", "Cocos (Keeling) Islands"},
    {"CD", "AF", "Congo-Kinshasa"},
    {"CF", "AF", "Central African Republic"},
    {"CG", "AF", "Congo-Brazzaville"},
    {"CH", "EU", "Switzerland"},
    {"CI", "AF", "Ivory Coast"},
    {"CK", "OC", "Cook Islands"},
    {"CL", "SA", "Chile"},
    {"CM", "AF", "Cameroon"},
    {"CN", "AS", "China"},
    {"CO", "SA", "Colombia"},
    {"CR", "NA", "Costa Rica"},
    {"CU", "NA", "Cuba"},
    {"CV", "AF", "Cabo Verde"},
    {"CW", "NA", "Curaçao"},
    {"CX", "AS", "Christmas Island"},
    {"CY", "AS", "Cyprus"},
    {"CZ", "EU", "Czechia"},
    {"DE", "EU", "Germany"},
    {"DJ", "AF", "Djibouti"},
    {"DK", "EU", "Denmark"},
    {"DM", "NA", "Dominica"},
    {"DO", "NA", "Dominican Republic"},
    {"DZ", "AF", "Algeria"},
    {"EC", "SA", "Ecuador"},
    {"EE", "EU", "Estonia"},
    {"EG", "AF", "Egypt"},
    {"EH", "AF", "Western Sahara"},
    {"ER", "AF", "Eritrea"},
    {"ES", "EU", "Spain"},
    {"ET", "AF", "Ethiopia"},
    {"FI", "EU", "Finland"},
    {"FJ", "OC", "Fiji"},
    {"FK", "SA", "Falkland Islands"},
    {"FM", "OC", "Micronesia"},
    {"FO", "EU", "Faroe Islands"},
    {"FR", "EU", "France"},
    {"GA", "AF", "Gabon"},
    {"GB", "EU", "United Kingdom"},
    {"GD", "NA", "Grenada"},
    {"GE", "AS", "Georgia"},
    {"GF", "SA", "French Guiana"},
    {"GG", "EU", "Guernsey"},
    {"GH", "AF", "Ghana"},
    {"GI", "EU", "Gibraltar"},
    {"GL", "NA", "Greenland"},
    {"GM", "AF", "Gambia"},
    {"GN", "AF", "Guinea"},
    {"GP", "NA", "Guadeloupe"},
    {"GQ", "AF", "Equatorial Guinea"},
    {"GR", "EU", "Greece"},
    {"GS", "AN", "South Georgia"},
    {"GT", "NA", "Guatemala"},
    {"GU", "OC", "Guam"},
    {"GW", "AF", "Guinea-Bissau"},
    {"GY", "SA", "Guyana"},
    {"HK", "AS", "Hong Kong"},
    {"HM", "AN", "Heard Island and McDonald Islands"},
    {"HN", "NA", "Honduras"},
    {"HR", "EU", "Croatia"},
    {"HT", "NA", "Haiti"},
    {"HU", "EU", "Hungary"},
    {"ID", "AS", "Indonesia"},
    {"IE", "EU", "Ireland"},
    {"IL", "AS", "Israel"},
    {"IM", "EU", "Isle of Man"},
    {"IN", "AS", "India"},
    {"IO", "AF", "British Indian Ocean Territory"},
    {"IQ", "AS", "Iraq"},
    {"IR", "AS", "Iran"},
    {"IS", "EU", "Iceland"},
    {"IT", "EU", "Italy"},
    {"JE", "EU", "Jersey"},
    {"JM", "NA", "Jamaica"},
    {"JO", "AS", "Jordan"},
    {"JP", "AS", "Japan"},
    {"KE", "AF", "Kenya"},
    {"KG", "AS", "Kyrgyzstan"},
    {"KH", "AS", "Cambodia"},
    {"KI", "OC", "Kiribati"},
    {"KM", "AF", "Comoros"},
    {"KN", "NA", "Saint Kitts and Nevis"},
    {"KP", "AS", "North Korea"},
    {"KR", "AS", "South Korea"},
    {"KW", "AS", "Kuwait"},
    {"KY", "NA", "Cayman Islands"},
    {"KZ", "AS", "Kazakhstan"},
    {"LA", "AS", "Laos"},
    {"LB", "AS", "Lebanon"},
    {"LC", "NA", "Saint Lucia"},
    {"LI", "EU", "Liechtenstein"},
    {"LK", "AS", "Sri Lanka"},
    {"LR", "AF", "Liberia"},
    {"LS", "AF", "Lesotho"},
    {"LT", "EU", "Lithuania"},
    {"LU", "EU", "Luxembourg"},
    {"LV", "EU", "Latvia"},
    {"LY", "AF", "Libya"},
    {"MA", "AF", "Morocco"},
    {"MC", "EU", "Monaco"},
    {"MD", "EU", "Moldova"},
    {"ME", "EU", "Montenegro"},
    {"MF", "NA", "Saint Martin"},
    {"MG", "AF", "Madagascar"},
    {"MH", "OC", "Marshall Islands"},
    {"MK", "EU", "North Macedonia"},
    {"ML", "AF", "Mali"},
    {"MM", "AS", "Myanmar"},
    {"MN", "AS", "Mongolia"},
    {"MO", "AS", "Macao"},
    {"MP", "OC", "Northern Mariana Islands"},
    {"MQ", "NA", "Martinique"},
    {"MR", "AF", "Mauritania"},
    {"MS", "NA", "Montserrat"},
    {"MT", "EU", "Malta"},
    {"MU", "AF", "Mauritius"},
    {"MV", "AS", "Maldives"},
    {"MW", "AF", "Malawi"},
    {"MX", "NA", "Mexico"},
    {"MY", "AS", "Malaysia"},
    {"MZ", "AF", "Mozambique"},
    {"NA", "AF", "Namibia"},
    {"NC", "OC", "New Caledonia"},
    {"NE", "AF", "Niger"},
    {"NF", "OC", "Norfolk Island"},
    {"NG", "AF", "Nigeria"},
    {"NI", "NA", "Nicaragua"},
    {"NL", "EU", "Netherlands"},
    {"NO", "EU", "Norway"},
    {"NP", "AS", "Nepal"},
    {"NR", "OC", "Nauru"},
    {"NU", "OC", "Niue"},
    {"NZ", "OC", "New Zealand"},
    {"OM", "AS", "Oman"},
    {"PA", "NA", "Panama"},
    {"PE", "SA", "Peru"},
    {"PF", "OC", "French Polynesia"},
    {"PG", "OC", "Papua New Guinea"},
    {"PH", "AS", "Philippines"},
    {"PK", "AS", "Pakistan"},
    {"PL", "EU", "Poland"},
    {"PM", "NA", "Saint Pierre and Miquelon"},
    {"PN", "OC", "Pitcairn"},
    {"PR", "NA", "Puerto Rico"},
    {"PS", "AS", "Palestine"},
    {"PT", "EU", "Portugal"},
    {"PW", "OC", "Palau"},
    {"PY", "SA", "Paraguay"},
    {"QA", "AS", "Qatar"},
    {"RE", "AF", "Réunion"},
    {"RO", "EU", "Romania"},
    {"RS", "EU", "Serbia"},
    {"RU", "EU", "Russia"},
    {"RW", "AF", "Rwanda"},
    {"SA", "AS", "Saudi Arabia"},
    {"SB", "OC", "Solomon Islands"},
    {"SC", "AF", "Seychelles"},
    {"SD", "AF", "Sudan"},
    {"SE", "EU", "Sweden"},
    {"SG", "AS", "Singapore"},
    {"SH", "AF", "Saint Helena"},
    {"SI", "EU", "Slovenia"},
    {"SJ", "EU", "Svalbard and Jan Mayen"},
    {"SK", "EU", "Slovakia"},
    {"SL", "AF", "Sierra Leone"},
    {"SM", "EU", "San Marino"},
    {"SN", "AF", "Senegal"},
    {"SO", "AF", "Somalia"},
    {"SR", "SA", "Suriname"},
    {"SS", "AF", "South Sudan"},
    {"ST", "AF", "Sao Tome and Principe"},
    {"SV", "NA", "El Salvador"},
    {"SX", "NA", "Sint Maarten"},
    {"SY", "AS", "Syria"},
    {"SZ", "AF", "Eswatini"},
    {"TC", "NA", "Turks and Caicos Islands"},
    {"TD", "AF", "Chad"},
    {"TF", "AN", "French Southern Territories"},
    {"TG", "AF", "Togo"},
    {"TH", "AS", "Thailand"},
    {"TJ", "AS", "Tajikistan"},
    {"TK", "OC", "Tokelau"},
    {"TL", "AS", "Timor-Leste"},
    {"TM", "AS", "Turkmenistan"},
    {"TN", "AF", "Tunisia"},
    {"TO", "OC", "Tonga"},
    {"TR", "AS", "Turkey"},
    {"TT", "NA", "Trinidad and Tobago"},
    {"TV", "OC", "Tuvalu"},
    {"TW", "AS", "Taiwan"},
    {"TZ", "AF", "Tanzania"},
    {"UA", "EU", "Ukraine"},
    {"UG", "AF", "Uganda"},
    {"UM", "OC", "U.S. Outlying Islands"},
    {"US", "NA", "United States"},
    {"UY", "SA", "Uruguay"},
    {"UZ", "AS", "Uzbekistan"},
    {"VA", "EU", "Vatican"},
    {"VC", "NA", "Saint Vincent and the Grenadines"},
    {"VE", "SA", "Venezuela"},
    {"VG", "NA", "British Virgin Islands"},
    {"VI", "NA", "U.S. Virgin Islands"},
    {"VN", "AS", "Vietnam"},
    {"VU", "OC", "Vanuatu"},
    {"WF", "OC", "Wallis and Futuna"},
    {"WS", "OC", "Samoa"},
    {"XK", "EU", "Kosovo"},
    {"YE", "AS", "Yemen"},
    {"YT", "AF", "Mayotte"},
    {"ZA", "AF", "South Africa"},
    {"ZM", "AF", "Zambia"},
    {"ZW", "AF", "Zimbabwe"},
};
#define COUNTRY_COUNT (sizeof countries / sizeof countries[0])

static const struct {
    const char *code, *name;
} continents[] = {
    {"AF", "Africa"},        {"AN", "Antarctica"}, {"AS", "Asia"},          {"EU", "Europe"},
    {"NA", "North America"}, {"OC", "Oceania"},    {"SA", "South America"},
};
#define CONTINENT_COUNT (sizeof continents / sizeof continents[0])

// What people write for a code that is another one.
static const struct {
    const char *written, *code;
} habits[] = {{"UK", "GB"}, {"EL", "GR"}, {"SU", "RU"}, {"EN", "GB"}, {"USA", "US"}, {"UAE", "AE"}};

static int compare(const void *code, const void *country)
{
    return strcmp(code, ((const struct country *)country)->code);
}

size_t countries_count(void)
{
    return COUNTRY_COUNT;
}

const struct country *countries_at(size_t index)
{
    assert(index < COUNTRY_COUNT);
    return &countries[index];
}

const struct country *countries_find(const char *code)
{
    return bsearch(code, countries, COUNTRY_COUNT, sizeof countries[0], compare);
}

static void suggest(const struct country *country, struct buffer *to)
{
    buffer_format(to, "did you mean '%s' (%s)?", country->code, country->name);
}

void countries_suggest(const char *text, struct buffer *to)
{
    struct suggestion suggestion = {.word = text};
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (strcasecmp(habits[i].written, text) == 0) {
            suggest(countries_find(habits[i].code), to);
            return;
        }
    for (size_t i = 0; i < COUNTRY_COUNT; i++) {
        if (strcasecmp(countries[i].code, text) == 0) {
            suggest(&countries[i], to);
            return;
        }
        suggest_consider(&suggestion, countries[i].name);
    }
    for (size_t i = 0; i < COUNTRY_COUNT && strlen(text) > 3; i++)
        if (suggestion.best == countries[i].name) {
            suggest(&countries[i], to);
            return;
        }
    if (continents_find(text))
        buffer_format(to, "for a continent write {continent: %s}", text);
    else
        buffer_add_text(to, "two capital letters, like SG or CA");
}

const char *continents_find(const char *code)
{
    for (size_t i = 0; i < CONTINENT_COUNT; i++)
        if (strcmp(continents[i].code, code) == 0)
            return continents[i].code;
    return NULL;
}

void continents_suggest(const char *text, struct buffer *to)
{
    struct suggestion suggestion = {.word = text};
    for (size_t i = 0; i < CONTINENT_COUNT; i++) {
        if (strcasecmp(continents[i].code, text) == 0) {
            buffer_format(to, "did you mean '%s' (%s)?", continents[i].code, continents[i].name);
            return;
        }
        suggest_consider(&suggestion, continents[i].name);
    }
    for (size_t i = 0; i < CONTINENT_COUNT; i++)
        if (suggestion.best == continents[i].name) {
            buffer_format(to, "did you mean '%s' (%s)?", continents[i].code, continents[i].name);
            return;
        }
    for (size_t i = 0; i < CONTINENT_COUNT; i++)
        buffer_format(to, "%s%s", i ? ", " : "one of ", continents[i].code);
}
