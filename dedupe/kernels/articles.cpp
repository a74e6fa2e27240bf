// JSON Lines of articles, of the usual shape, straight into columns.
//
// A line is usual if it is one object of just the expected field names, in their order, whose
// values need no more than the escapes of JSON to be resolved. All others are left to the reader
// that knows everything: a line that is taken here is read as that reader would read it.
#include "array.h"
#include "spelling.h"

#include <nanobind/stl/string.h>

#include <cstring>
#include <string>
#include <string_view>

namespace dedupe {

// Text that grows. Bytes that are appended are not set to 0 first, as they would be by resize.
struct Bytes : std::vector<char> {
    using std::vector<char>::vector;

    void append(const char *first, const char *last) { insert(end(), first, last); }
    void cut(i64 size) { resize(static_cast<std::size_t>(size)); }
    std::string_view from(i64 first) const {
        return {data() + first, size() - static_cast<std::size_t>(first)};
    }
};

}  // namespace dedupe

namespace nanobind::detail {

template <> struct type_caster<dedupe::Bytes> {
    NB_TYPE_CASTER(dedupe::Bytes, array_name<dedupe::u8>::name)
    bool from_python(handle, std::uint32_t, cleanup_list *) noexcept { return false; }
    static handle from_cpp(dedupe::Bytes &&v, rv_policy, cleanup_list *cleanup) {
        const std::size_t shape[1] = {v.size()};
        return array_of<dedupe::u8>(static_cast<std::vector<char> &&>(v), shape, cleanup);
    }
};

}  // namespace nanobind::detail

namespace dedupe {
namespace {

// What a field is read as; the first of TEXTS are columns of text, in this order.
enum Column : i64 { ID, TITLE_TEXT, BODY, SOURCE, URL, ADDRESS, LANG, DATE, UNUSED };
constexpr i64 TEXTS = 6;
constexpr i64 PLACES[] = {0, 1, 2, 3, 4, 4, 5};  // of a column's text; an address is an url

constexpr int DEEPEST = 64;  // values inside of values that are passed over
constexpr i64 DAY = 86400LL * 1'000'000, FURTHEST = 14 * 60;  // minutes from UTC, of any clock
constexpr i64 NO_DATE = INT64_MIN, UNREAD_DATE = INT64_MIN + 1;

// What makes a line unusual is thrown nowhere: each function says whether it could go on.
struct Cursor {
    const char *at, *end;

    bool done() const { return at == end; }
    void spaces() {
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
    }
    bool take(char wanted) {
        spaces();
        if (done() || *at != wanted) return false;
        at++;
        return true;
    }
    bool next_is(char wanted) {
        spaces();
        return !done() && *at == wanted;
    }
};

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the character at `at` in UTF-8, as Unicode's table 3-7 has it; 0 where it is none.
int character(const char *at, const char *end) {
    const auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
    const unsigned char first = byte(0);
    const i64 left = end - at;
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return left >= 2 && is_continuation(byte(1)) ? 2 : 0;
    if (first < 0xF0) {
        if (left < 3 || !is_continuation(byte(1)) || !is_continuation(byte(2))) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;
        if (first == 0xED && byte(1) > 0x9F) return 0;
        return 3;
    }
    if (first > 0xF4 || left < 4) return 0;
    if (!is_continuation(byte(1)) || !is_continuation(byte(2)) || !is_continuation(byte(3)))
        return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
}

void append_character(Bytes &text, u32 point) {
    if (point < 0x80) {
        text.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
        text.push_back(static_cast<char>(0xC0 | (point >> 6)));
        text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else if (point < 0x10000) {
        text.push_back(static_cast<char>(0xE0 | (point >> 12)));
        text.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else {
        text.push_back(static_cast<char>(0xF0 | (point >> 18)));
        text.push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
        text.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    }
}

// Four hexadecimal digits.
bool four_digits(Cursor &line, u32 &value) {
    if (line.end - line.at < 4) return false;
    value = 0;
    for (int i = 0; i < 4; i++) {
        const char digit = *line.at++;
        value <<= 4;
        if (digit >= '0' && digit <= '9')
            value |= static_cast<u32>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value |= static_cast<u32>(digit - 'a' + 10);
        else if (digit >= 'A' && digit <= 'F')
            value |= static_cast<u32>(digit - 'A' + 10);
        else
            return false;
    }
    return true;
}

// What stands behind a backslash; a NUL and half of a surrogate pair are unusual.
bool escape(Cursor &line, Bytes &text) {
    if (line.done()) return false;
    static constexpr std::string_view LETTERS = "\"\\/bfnrt", MEANT = "\"\\/\b\f\n\r\t";
    const char letter = *line.at++;
    if (letter != 'u') {
        const auto place = LETTERS.find(letter);
        if (place == std::string_view::npos) return false;
        text.push_back(MEANT[place]);
        return true;
    }
    u32 point, low;
    if (!four_digits(line, point) || point == 0) return false;
    if (point >= 0xD800 && point < 0xE000) {
        if (point >= 0xDC00 || line.end - line.at < 6 || line.at[0] != '\\' || line.at[1] != 'u')
            return false;
        line.at += 2;
        if (!four_digits(line, low) || low < 0xDC00 || low >= 0xE000) return false;
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_character(text, point);
    return true;
}

// How many of eight bytes, from the first on, stand for themselves in a string of JSON: no quote,
// no backslash, no control character, and ASCII.
int plain_bytes(const char *at) {
    u64 word;
    std::memcpy(&word, at, 8);
    constexpr u64 ONES = 0x0101010101010101, HIGH = 0x8080808080808080;
    const u64 quote = word ^ (ONES * '"'), backslash = word ^ (ONES * '\\');
    // The lowest byte that is marked is marked rightly; borrows go upwards only.
    const u64 marked = ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) |
                       ((word - ONES * 0x20) & ~word) | word;
    const u64 found = marked & HIGH;
    if (found == 0) return 8;
    int count = 0;
    while (!((found >> (8 * count)) & 0x80)) count++;
    return count;
}

// The string at the cursor, resolved, at the end of `text`.
bool string(Cursor &line, Bytes &text) {
    if (!line.take('"')) return false;
    const char *copied = line.at;
    while (true) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        while (line.end - line.at >= 8) {
            const int plain = plain_bytes(line.at);
            line.at += plain;
            if (plain < 8) break;
        }
#endif
        if (line.done()) return false;
        const auto byte = static_cast<unsigned char>(*line.at);
        if (byte == '"' || byte == '\\') {
            text.append(copied, line.at);
            line.at++;
            if (byte == '"') return true;
            if (!escape(line, text)) return false;
            copied = line.at;
        } else if (byte < 0x20) {
            return false;
        } else {
            const int length = character(line.at, line.end);
            if (length == 0) return false;
            line.at += length;
        }
    }
}

bool digits(Cursor &line) {
    const char *first = line.at;
    while (!line.done() && *line.at >= '0' && *line.at <= '9') line.at++;
    return line.at > first;
}

bool number(Cursor &line) {
    if (!line.done() && *line.at == '-') line.at++;
    const char *first = line.at;
    if (!digits(line) || (*first == '0' && line.at > first + 1)) return false;
    if (!line.done() && *line.at == '.') {
        line.at++;
        if (!digits(line)) return false;
    }
    if (!line.done() && (*line.at == 'e' || *line.at == 'E')) {
        line.at++;
        if (!line.done() && (*line.at == '+' || *line.at == '-')) line.at++;
        if (!digits(line)) return false;
    }
    return true;
}

bool word(Cursor &line, std::string_view wanted) {
    if (std::string_view(line.at, static_cast<std::size_t>(line.end - line.at))
            .substr(0, wanted.size()) != wanted)
        return false;
    line.at += wanted.size();
    return true;
}

// Passes over any value.
bool value(Cursor &line, Bytes &scratch, int depth = 0) {
    line.spaces();
    if (line.done() || depth > DEEPEST) return false;
    scratch.clear();
    switch (*line.at) {
    case '"':
        return string(line, scratch);
    case 't':
        return word(line, "true");
    case 'f':
        return word(line, "false");
    case 'n':
        return word(line, "null");
    case '[':
    case '{': {
        const char close = *line.at == '[' ? ']' : '}';
        line.at++;
        if (line.take(close)) return true;
        do {
            if (close == '}' && !(string(line, scratch) && line.take(':'))) return false;
            if (!value(line, scratch, depth + 1)) return false;
        } while (line.take(','));
        return line.take(close);
    }
    default:
        return number(line);
    }
}

// Whether a character of Unicode is white space to Python's str.strip.
bool is_space(u32 point) {
    return point == 0x20 || (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x1F) ||
           point == 0x85 || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

// The code point at `at` of valid UTF-8 that ends at `end`.
u32 point_at(const char *at, const char *end) {
    const auto first = static_cast<unsigned char>(*at);
    if (first < 0x80) return first;
    return decode({reinterpret_cast<const u8 *>(at), end - at}, 0).point;
}

// The text without white space at either end.
std::string_view stripped(std::string_view text) {
    while (!text.empty() && is_space(point_at(text.data(), text.data() + text.size())))
        text.remove_prefix(static_cast<std::size_t>(
            character(text.data(), text.data() + text.size())));
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && is_continuation(static_cast<unsigned char>(text[last]))) last--;
        if (!is_space(point_at(text.data() + last, text.data() + text.size()))) break;
        text.remove_suffix(text.size() - last);
    }
    return text;
}

bool is_address(std::string_view text) {
    std::string start(text.substr(0, 8));
    for (char &letter : start)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return start.substr(0, 7) == "http://" || start == "https://";
}

// A number of so many digits at the head of `text`, which goes on behind it; -1 where there is none.
i64 leading(std::string_view &text, std::size_t size) {
    if (text.size() < size) return -1;
    i64 value = 0;
    for (std::size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + (text[i] - '0');
    }
    text.remove_prefix(size);
    return value;
}

bool skipped(std::string_view &text, char sign) {
    if (text.empty() || text[0] != sign) return false;
    text.remove_prefix(1);
    return true;
}

// Days from 1970-01-01 on to a day of the Gregorian calendar (Hinnant, chrono-compatible low-level
// date algorithms); -1 month where the day does not exist.
bool days_since_1970(i64 year, i64 month, i64 day, i64 &days) {
    static constexpr i64 LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    if (day > LENGTHS[month - 1] + (month == 2 && leap)) return false;
    const i64 y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    const i64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

// Microseconds since 1970 of YYYY-MM-DD[Thh:mm:ss[.ffffff][Z|+hh:mm]]; UNREAD_DATE for all else,
// which another may be able to read, or knows to stand for no date. Without a zone it is UTC.
i64 moment(std::string_view text) {
    const i64 year = leading(text, 4);
    if (year < 1900 || year >= 2050 || !skipped(text, '-')) return UNREAD_DATE;
    const i64 month = leading(text, 2);
    if (month < 0 || !skipped(text, '-')) return UNREAD_DATE;
    const i64 day = leading(text, 2);
    i64 days;
    if (!days_since_1970(year, month, day, days)) return UNREAD_DATE;
    i64 seconds = days * 86400, micro = 0;
    if (!text.empty()) {
        if (!skipped(text, 'T') && !skipped(text, ' ')) return UNREAD_DATE;
        const i64 hour = leading(text, 2);
        if (hour < 0 || hour > 23 || !skipped(text, ':')) return UNREAD_DATE;
        const i64 minute = leading(text, 2);
        if (minute < 0 || minute > 59 || !skipped(text, ':')) return UNREAD_DATE;
        const i64 second = leading(text, 2);
        if (second < 0 || second > 59) return UNREAD_DATE;
        seconds += hour * 3600 + minute * 60 + second;
        if (skipped(text, '.')) {
            const std::size_t six = 6, three = 3;
            std::string_view longer = text;
            micro = leading(longer, six);
            if (micro >= 0) {
                text = longer;
            } else {
                micro = leading(text, three);
                if (micro < 0) return UNREAD_DATE;
                micro *= 1000;
            }
        }
        if (!text.empty() && !skipped(text, 'Z')) {
            const i64 sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
            text.remove_prefix(1);
            const i64 hours = leading(text, 2);
            if (sign == 0 || hours < 0 || hours > 23 || !skipped(text, ':')) return UNREAD_DATE;
            const i64 minutes = leading(text, 2);
            if (minutes < 0 || minutes > 59 || hours * 60 + minutes > FURTHEST) return UNREAD_DATE;
            seconds -= sign * (hours * 3600 + minutes * 60);
        }
        if (!text.empty() || (seconds == 0 && micro == 0)) return UNREAD_DATE;
    }
    return seconds * 1'000'000 + micro;
}

// A column of text in Arrow's layout, of which the last one may still be written.
struct Text {
    Bytes data;
    Vector<i64> offsets = Vector<i64>(i64{1});

    i64 begin() const { return offsets.back(); }
    void close() { offsets.push_back(static_cast<i64>(data.size())); }
    void drop() { data.cut(begin()); }
};

struct Shape {
    std::vector<std::string> names;
    View<const i64> columns;  // of each name
    View<const bool> alone;   // whether no other name stands in for it where it is empty
};

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

// Whether a character reference of HTML may begin at this ampersand.
bool begins_reference(std::string_view text) {
    std::size_t next = text.size() > 1 && text[1] == '#' ? 2 : 1;
    while (next < text.size() &&
           (is_letter(text[next]) || (text[next] >= '0' && text[next] <= '9')))
        next++;
    return next < text.size() && text[next] == ';';
}

// Whether there may be a tag of HTML or a character reference in a text.
bool has_markup(std::string_view text) {
    for (auto at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        const char next = at + 1 < text.size() ? text[at + 1] : ' ';
        if (is_letter(next) || next == '/' || next == '!') return true;
    }
    for (auto at = text.find('&'); at != text.npos; at = text.find('&', at + 1))
        if (begins_reference(text.substr(at))) return true;
    return false;
}

// Whether a text is what its field says, and not in need of what only Python knows.
bool is_plain(Column column, std::string_view text) {
    if (column == BODY && (text[0] == '#' || text.find(']') != text.npos)) return false;  // Markdown
    if (column == SOURCE && is_address(text)) return false;
    if (column == BODY || column == TITLE_TEXT || column == SOURCE) return !has_markup(text);
    return column != ADDRESS || is_address(text);
}

// The usual lines, column by column, and where all lines lie.
struct Lines {
    Text texts[TEXTS];
    Vector<i64> dates;
    Table<i64> taken{0, 3}, others{0, 4};  // line, begin, end; of others also the rows before it
    i64 count = 0;
};

// Without white space at either end, in place.
void strip(Bytes &text, i64 begin) {
    const std::string_view whole = text.from(begin), inner = stripped(whole);
    if (inner.size() == whole.size()) return;
    std::memmove(text.data() + begin, inner.data(), inner.size());
    text.cut(begin + static_cast<i64>(inner.size()));
}

// The digits of a whole number, which are what Python writes of it.
bool whole_number(Cursor &line, Bytes &text) {
    const char *first = line.at;
    if (!digits(line) || line.at - first > 18 || (*first == '0' && line.at - first > 1))
        return false;
    text.append(first, line.at);
    return line.next_is(',') || line.next_is('}');
}

// What a value is written to: its column, or for a date `scratch`.
struct Place {
    Bytes &text;
    i64 begin;

    Place(Column column, Lines &found, Bytes &scratch)
        : text(column == DATE ? scratch : found.texts[PLACES[column]].data),
          begin(column == DATE ? 0 : found.texts[PLACES[column]].begin()) {
        if (column == DATE) scratch.clear();
    }
};

// Whether the string that was written there is all that its column needs.
bool suffices(Column column, bool alone, const Place &place, i64 &date) {
    auto &[text, begin] = place;
    if (column != BODY) strip(text, begin);
    const std::string_view written = text.from(begin);
    if (stripped(written).empty()) return alone && column != BODY && column != ID;
    if (column != DATE) return is_plain(column, written);
    date = moment(written);
    // Another field may know the time of a day.
    return date != UNREAD_DATE && (alone || date % DAY != 0);
}

// The value of a field that counts.
bool field(Cursor &line, Column column, bool alone, Lines &found, i64 &date, Bytes &scratch) {
    const Place place(column, found, scratch);
    if (line.next_is('"')) {
        if (!string(line, place.text)) return false;
    } else if (line.next_is('n')) {
        if (!word(line, "null")) return false;
    } else if (column != ID || !whole_number(line, place.text)) {
        return false;
    }
    return suffices(column, alone, place, date);
}

bool usual(Cursor line, const Shape &shape, Lines &found, i64 &date, Bytes &scratch) {
    date = NO_DATE;
    if (!line.take('{')) return false;
    for (std::size_t i = 0; i < shape.names.size(); i++) {
        const i64 place = static_cast<i64>(i);
        if (i > 0 && !line.take(',')) return false;
        if (!line.take('"') || !word(line, shape.names[i]) || !line.take('"')) return false;
        if (!line.take(':')) return false;
        const auto column = static_cast<Column>(shape.columns[place]);
        const bool good = column == UNUSED ? value(line, scratch)
                                           : field(line, column, shape.alone[place], found, date,
                                                   scratch);
        if (!good) return false;
    }
    if (!line.take('}')) return false;
    line.spaces();
    return line.done();
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

Lines read_lines(View<const u8> data, const Shape &shape) {
    if (static_cast<i64>(shape.names.size()) != shape.columns.size ||
        shape.columns.size != shape.alone.size)
        throw std::invalid_argument("a column and a flag for each name are needed");
    for (const i64 column : shape.columns)
        if (column < ID || column > UNUSED) throw std::invalid_argument("there is no such column");
    Lines found;
    found.texts[PLACES[BODY]].data.reserve(static_cast<std::size_t>(data.size));
    Bytes scratch;
    i64 date;
    const char *start = reinterpret_cast<const char *>(data.data), *end = start + data.size;
    for (const char *at = start; at < end; found.count++) {
        const void *at_break = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
        const char *stop = at_break ? static_cast<const char *>(at_break) : end;
        if (usual({at, stop}, shape, found, date, scratch)) {
            found.taken.append({found.count, at - start, stop - start});
            found.dates.push_back(date);
            for (Text &text : found.texts) text.close();
        } else {
            for (Text &text : found.texts) text.drop();
            if (!is_blank({at, static_cast<std::size_t>(stop - at)}))
                found.others.append({found.count, at - start, stop - start, found.taken.rows});
        }
        at = stop + (stop < end);
    }
    return found;
}

nb::tuple told(Lines &found) {
    nb::list texts;
    for (Text &text : found.texts)
        texts.append(nb::make_tuple(std::move(text.data), std::move(text.offsets)));
    return nb::make_tuple(texts, std::move(found.dates), std::move(found.taken),
                          std::move(found.others));
}

nb::tuple lines(View<const u8> data, const nb::list &wanted, View<const i64> columns,
                View<const bool> alone) {
    std::vector<std::string> names;
    for (const nb::handle name : wanted) names.push_back(nb::cast<std::string>(name));
    Lines found;
    {
        nb::gil_scoped_release unlocked;
        found = read_lines(data, {std::move(names), columns, alone});
    }
    return told(found);
}

using Given = std::tuple<View<const u8>, View<const i64>>;  // a column of text

// Whether bytes are UTF-8, without a NUL.
bool is_text(const char *at, const char *end) {
    while (at < end) {
        const int length = *at ? character(at, end) : 0;
        if (length == 0) return false;
        at += length;
    }
    return true;
}

Lines read_rows(const std::vector<Given> &given, View<const i64> columns, View<const bool> alone,
                View<const i64> dates) {
    if (static_cast<i64>(given.size()) != columns.size || columns.size != alone.size)
        throw std::invalid_argument("a column and a flag for each text are needed");
    for (std::size_t k = 0; k < given.size(); k++) {
        const auto &[data, offsets] = given[k];
        const i64 column = columns[static_cast<i64>(k)];
        if (column < ID || column >= UNUSED) throw std::invalid_argument("there is no such column");
        if (offsets.size != dates.size + 1 || offsets[0] < 0 || offsets[dates.size] > data.size ||
            !std::is_sorted(offsets.begin(), offsets.end()))
            throw std::invalid_argument("the offsets of a text do not fit it");
    }
    Lines found;
    Bytes scratch;
    for (; found.count < dates.size; found.count++) {
        bool good = true;
        i64 date = dates[found.count];
        for (std::size_t k = 0; k < given.size() && good; k++) {
            const auto &[data, offsets] = given[k];
            const auto column = static_cast<Column>(columns[static_cast<i64>(k)]);
            const char *start = reinterpret_cast<const char *>(data.data);
            const char *first = start + offsets[found.count];
            const char *last = start + offsets[found.count + 1];
            const Place place(column, found, scratch);
            good = is_text(first, last);
            place.text.append(first, last);
            good = good && suffices(column, alone[static_cast<i64>(k)], place, date);
        }
        for (Text &text : found.texts) good ? text.close() : text.drop();
        if (good) {
            found.taken.append({found.count, 0, 0});
            found.dates.push_back(date);
        } else {
            found.others.append({found.count, 0, 0, found.taken.rows});
        }
    }
    return found;
}

nb::tuple rows(const nb::list &texts, View<const i64> columns, View<const bool> alone,
               View<const i64> dates) {
    std::vector<Given> given;
    for (const nb::handle text : texts) given.push_back(nb::cast<Given>(text));
    Lines found;
    {
        nb::gil_scoped_release unlocked;
        found = read_rows(given, columns, alone, dates);
    }
    return told(found);
}

}  // namespace

void bind_articles(nb::module_ &m) {
    m.attr("NO_DATE") = NO_DATE;
    m.attr("COLUMNS") = "id title text source url address lang date unused";  // as in Column
    m.def("rows", &rows,
          nb::sig("def rows(texts: list[tuple[numpy.typing.NDArray[numpy.uint8], "
                  "numpy.typing.NDArray[numpy.int64]]], "
                  "columns: numpy.typing.NDArray[numpy.int64], "
                  "alone: numpy.typing.NDArray[numpy.bool], "
                  "dates: numpy.typing.NDArray[numpy.int64]) -> "
                  "tuple[list[tuple[numpy.typing.NDArray[numpy.uint8], "
                  "numpy.typing.NDArray[numpy.int64]]], numpy.typing.NDArray[numpy.int64], "
                  "numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]"),
          "texts"_a, "columns"_a, "alone"_a, "dates"_a, R"(
The same of the rows of a table: ``texts`` are k columns of n strings in Arrow's layout, each read
as ``columns`` and ``alone`` (k,) say, no column of them unused. ``dates`` (n,) are the dates that
are known, NO_DATE where one of the texts may name it. Rows are numbered in the place of lines.)");
    m.def("lines", &lines,
          nb::sig("def lines(data: numpy.typing.NDArray[numpy.uint8], names: list[str], "
                  "columns: numpy.typing.NDArray[numpy.int64], "
                  "alone: numpy.typing.NDArray[numpy.bool]) -> "
                  "tuple[list[tuple[numpy.typing.NDArray[numpy.uint8], "
                  "numpy.typing.NDArray[numpy.int64]]], numpy.typing.NDArray[numpy.int64], "
                  "numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]"),
          "data"_a, "names"_a, "columns"_a, "alone"_a, R"(
Reads lines of JSON that are objects of these ``names``, in their order, and no others.

``data`` are lines in UTF-8, the last one with a line break or without. ``columns`` (k,) says what
each of the k names is read as, by its place in COLUMNS; ``alone`` (k,) whether it is the only one
read so, and may be empty. Strings are resolved and without white space at their ends, the text
excepted; null is empty. Returns of the n lines that are usual the texts of id, title, text, source,
url and language, each in Arrow's layout (bytes, offsets (n + 1,)); the dates (n,) in microseconds
since 1970, NO_DATE for none; the lines (n, 3): number from 0 on, begin and end in ``data``. Then of
the others, blank ones excepted, the same and how many usual ones stand before each (m, 4).)");
}

}  // namespace dedupe
