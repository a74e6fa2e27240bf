// A sum in each page of a file of SQLite: what is read is what was written.
//
// The sum is the last eight bytes of a page, which SQLite leaves alone as the header of the file says
// that they are reserved. It is of all other bytes and of the number of the page. It is written where
// a page goes into the file itself, and held against the page where one comes from there. The log
// beside the file has sums of its own.
#include <bit>
#include <cstring>
#include <mutex>
#include <new>

#include "array.h"
#include "sums.h"

namespace dedupe {
namespace {

using namespace sqlite;

constexpr i64 PAGE = 8192, SUM = 8, WORDS = (PAGE - SUM) / 8, LANES = 4;
constexpr u64 FACTOR = 0x9E3779B185EBCA87, FOLD = 0xC2B2AE3D27D4EB4F;
constexpr i64 HEADER = 100;

u64 loaded(const u8 *bytes) {
    u64 word = 0;
    for (int i = 0; i < 8; i++) word |= static_cast<u64>(bytes[i]) << (8 * i);
    return word;
}

// Each word goes into one of four lanes by steps that can be undone, and each lane into the sum: so
// whatever is changed within one word changes the sum, and all else but once in 2**64.
u64 sum_of(const u8 *page, u64 number) {
    u64 lanes[LANES];
    for (i64 i = 0; i < LANES; i++) lanes[i] = (number + static_cast<u64>(i) + 1) * FOLD;
    i64 at = 0;
    for (; at + LANES <= WORDS; at += LANES)
        for (i64 i = 0; i < LANES; i++)
            lanes[i] = std::rotl((lanes[i] ^ loaded(page + 8 * (at + i))) * FACTOR, 29);
    for (; at < WORDS; at++)
        lanes[at % LANES] = std::rotl((lanes[at % LANES] ^ loaded(page + 8 * at)) * FACTOR, 29);
    u64 sum = number;
    for (const u64 lane : lanes) sum = (std::rotl(sum, 31) ^ lane) * FOLD;
    sum ^= sum >> 32;
    return sum * FACTOR;
}

void put(u8 *bytes, u64 word) {
    for (int i = 0; i < 8; i++) bytes[i] = static_cast<u8>(word >> (8 * i));
}

bool sound(const u8 *page, i64 offset) {
    return loaded(page + PAGE - SUM) == sum_of(page, static_cast<u64>(offset / PAGE) + 1);
}

// The file of an index, before the one that the system below has of it.
struct Summed {
    File base;
    File *own() { return reinterpret_cast<File *>(this + 1); }
    const Methods *call() { return own()->methods; }
};

Summed *summed(File *file) { return reinterpret_cast<Summed *>(file); }

// The header of a new file, so that SQLite makes one whose pages have room for a sum.
void begin_new(u8 *header) {
    std::memset(header, 0, HEADER);
    header[16] = PAGE >> 8;
    header[20] = SUM;
    header[55] = header[67] = 1;  // pages can be given back, when they are asked for
}

int read_page(File *file, u8 *page, i64 offset) {
    if (const int code = summed(file)->call()->read(summed(file)->own(), page, PAGE, offset)) return code;
    return sound(page, offset) ? OK : IOERR_DATA;
}

int read(File *file, void *out, int amount, i64 offset) {
    if (amount == PAGE && offset % PAGE == 0) return read_page(file, static_cast<u8 *>(out), offset);
    if (offset + amount <= HEADER) {  // the page is read as a whole before it is used
        const int code = summed(file)->call()->read(summed(file)->own(), out, amount, offset);
        i64 size = 1;
        if (code == IOERR_SHORT_READ && offset == 0 && amount == HEADER &&
            summed(file)->call()->file_size(summed(file)->own(), &size) == OK && size == 0) {
            begin_new(static_cast<u8 *>(out));
            return OK;
        }
        return code;
    }
    u8 page[PAGE];
    for (i64 done = 0; done < amount;) {  // parts of long rows, as some versions read them
        const i64 first = (offset + done) / PAGE * PAGE, from = offset + done - first;
        const i64 some = std::min(PAGE - from, amount - done);
        if (const int code = read_page(file, page, first)) return code;
        std::memcpy(static_cast<u8 *>(out) + done, page + from, static_cast<std::size_t>(some));
        done += some;
    }
    return OK;
}

int write(File *file, const void *data, int amount, i64 offset) {
    u8 page[PAGE];
    if (amount == PAGE && offset % PAGE == 0) {
        std::memcpy(page, data, PAGE - SUM);
        put(page + PAGE - SUM, sum_of(page, static_cast<u64>(offset / PAGE) + 1));
        data = page;
    }
    return summed(file)->call()->write(summed(file)->own(), data, amount, offset);
}

// All else is what the system below does.
template <auto Member, class... Arguments> auto passed(File *file, Arguments... arguments) {
    return (summed(file)->call()->*Member)(summed(file)->own(), arguments...);
}

int characteristics(File *file) {
    return passed<&Methods::device_characteristics>(file) & ~IOCAP_SUBPAGE_READ;
}

// Version 2: without the calls by which a file is read as memory, past any sum.
constexpr Methods METHODS = {
    2, passed<&Methods::close>, read, write, passed<&Methods::truncate>, passed<&Methods::sync>,
    passed<&Methods::file_size>, passed<&Methods::lock>, passed<&Methods::unlock>,
    passed<&Methods::check_reserved_lock>, passed<&Methods::file_control>,
    passed<&Methods::sector_size>, characteristics, passed<&Methods::shm_map>,
    passed<&Methods::shm_lock>, passed<&Methods::shm_barrier>, passed<&Methods::shm_unmap>,
};

System *below(System *system) { return static_cast<System *>(system->data); }

int open(System *system, const char *name, File *file, int flags, int *out_flags) {
    System *own = below(system);
    if ((flags & OPEN_MAIN_DB) == 0) return own->open(own, name, file, flags, out_flags);
    file->methods = nullptr;
    const int code = own->open(own, name, summed(file)->own(), flags, out_flags);
    // SQLite closes what has methods, also where it could not be opened.
    if (summed(file)->own()->methods != nullptr) file->methods = &METHODS;
    return code;
}

template <auto Member, class... Arguments> auto handed(System *system, Arguments... arguments) {
    return (below(system)->*Member)(below(system), arguments...);
}

System SYSTEM;

bool register_sums(u64 find, u64 enter) {
    static std::mutex one;
    const std::lock_guard guard(one);
    if (SYSTEM.data != nullptr) return true;
    auto *own = reinterpret_cast<System *(*)(const char *)>(find)(nullptr);
    if (own == nullptr || own->version < 2) return false;
    SYSTEM = {
        2, own->file_bytes + static_cast<int>(sizeof(Summed)), own->longest_path, nullptr,
        "dedupe-sums", own, open, handed<&System::remove>, handed<&System::access>,
        handed<&System::full_path>, handed<&System::load>, handed<&System::load_error>,
        handed<&System::symbol>, handed<&System::unload>, handed<&System::randomness>,
        handed<&System::sleep>, handed<&System::time>, handed<&System::last_error>,
        handed<&System::time_64>,
    };
    if (reinterpret_cast<int (*)(System *, int)>(enter)(&SYSTEM, 0) == OK) return true;
    SYSTEM.data = nullptr;
    return false;
}

u64 page_sum(View<const u8> page, u64 number) {
    if (page.size != PAGE) throw std::invalid_argument("a page has 8,192 bytes");
    return sum_of(page.data, number);
}

}  // namespace

void bind_sums(nb::module_ &m) {
    m.def("page_sum", &page_sum, Unlocked(), "page"_a, "number"_a, R"(
The sum of a page of 8,192 bytes, but for the last eight, which hold it.

Pages are counted from 1. Raises ValueError for bytes of another length.)");
    m.def("register_sums", &register_sums, "find"_a, "enter"_a, R"(
Makes files with sums known to SQLite by the name ``dedupe-sums``; whether that can be done.

``find`` and ``enter`` are the addresses of its functions ``sqlite3_vfs_find`` and
``sqlite3_vfs_register``. Once it is done it is done for the whole process.)");
}

}  // namespace dedupe
