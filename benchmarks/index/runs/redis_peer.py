"""What a user would build today: datasketch's MinHashLSH on Redis, query and then insert.

MinHashes are made of word 5-grams in lower case by the fast hash xxh32. All tables of the index
share one pool of connections, which is the fastest way to have it: by itself datasketch opens one
for each table, and anew for each insertion session.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH
from redis import ConnectionPool, UnixDomainSocketConnection
from xxhash import xxh32_intdigest

if TYPE_CHECKING:
    from dedupe import Article

PERMUTATIONS, THRESHOLD, WORDS = 128, 0.5, 5


def opened(socket: str | Path) -> MinHashLSH:
    """The index on the server behind a socket, whatever it holds already."""
    pool = ConnectionPool(connection_class=UnixDomainSocketConnection, path=str(socket))
    storage = {
        "type": "redis",
        "basename": b"news",
        "redis": {"connection_pool": pool},
        "redis_buffer": {"transaction": False},
    }
    return MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, storage_config=storage)


def sketch(article: Article) -> MinHash:
    """MinHash of title and text."""
    words = f"{article.title}\n{article.text}".lower().split()
    grams = zip(*(words[i:] for i in range(WORDS)), strict=False)
    found = MinHash(num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest)
    found.update_batch([" ".join(gram).encode() for gram in grams] or [" ".join(words).encode()])
    return found


def insert(index: MinHashLSH, article: Article) -> bool:
    """Asks, then inserts; whether something alike was there."""
    made = sketch(article)
    found = index.query(made)
    index.insert(article.id, made)
    return bool(found)


def insert_by_session(index: MinHashLSH, article: Article) -> bool:
    """The same, what an insertion writes sent in one go a table."""
    made = sketch(article)
    found = index.query(made)
    with index.insertion_session() as session:
        session.insert(article.id, made)
    return bool(found)


WAYS = {"insert": insert, "session": insert_by_session}
