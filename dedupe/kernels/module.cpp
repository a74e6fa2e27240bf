// The extension module dedupe.kernels: a submodule for each room.
#include "rooms.h"

NB_MODULE(kernels, m) {
    m.doc() =
        "The compiled inner loops: arrays in, arrays out, nothing else imported of ours.\n\n"
        "Every kernel releases the interpreter lock, so that batches run on threads; none keeps\n"
        "state, so that results do not depend on how work is split. The room ``sums`` alone stands\n"
        "between SQLite and its files.";
    for (const auto &[name, doc, bind] : dedupe::ROOMS) {
        nanobind::module_ room = m.def_submodule(name, doc);
        bind(room);
    }
}
