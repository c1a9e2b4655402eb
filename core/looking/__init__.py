"""What is inside a model. Pages ask by name through `core.runs.looker` and get a `core.picture.Picture`.

| file | gives | source |
|---|---|---|
| attention.py | weights of all heads (L, H, T, S), entropy, distance, sides | Vaswani 2017 |
| heads.py | kinds of heads: `KINDS`, `kinds_of(weights, allowed, words)` | Clark 2019 |
| flow.py | `rollout(weights)` (L, T, S), `flow(weights, words)` (N, S) | Abnar & Zuidema 2020 |
| states.py, pca.py | hidden states in flat: `pca(x, k)`, `turn(points, onto)` | Pearson 1901, Schönemann 1966 |
| similarity.py | `cka(x, y)`, `cka_table`, `effective_rank(x)`, `nearest(x, states, k)` | Kornblith 2019 |
| probes.py | `fit`, `probe`, `probe_offsets`, `probe_places`, `probe_labels` | Alain & Bengio 2017 |
| gradients.py | norms by layer while it learns: `History.gradients` | Pascanu 2013 |
| influence.py | who sees whom: Jacobian norms (T, S), `leaks` | Hutchinson 1989 |
| pair.py | what an encoder–decoder looks at | Bahdanau 2015 |
| continuation.py | what a model writes on | |

heads, flow, pca, similarity and probes are numpy alone, so that the server may use them on arrays that it has.
"""
