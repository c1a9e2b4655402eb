"""What is inside a model. Pages ask by name through `core.runs.looker` and get a `core.picture.Picture`.

    picture = looker.look(run, step, text, "ablation", heads=[[0, 1]])   # names and options: core.picture.LOOKS
    change = difference(before, after)                                   # two pictures of one sentence

| file | gives | source |
|---|---|---|
| attention.py | weights of all heads (L, H, T, S), entropy, distance, sides, kinds; a window | Vaswani 2017 |
| heads.py | kinds of heads: `KINDS`, `kinds_of(weights, allowed, words)` | Clark 2019 |
| flow.py | `rollout(weights)` (L, T, S), `flow(weights, words)` (N, S) | Abnar & Zuidema 2020 |
| through.py | rollout and flow of a model's own attention | |
| ablation.py | heads switched off: answers, loss, and each head alone; `without(model, heads)` | Michel 2019 |
| lens.py | what each layer would answer | nostalgebraist 2020 |
| saliency.py | gradient × input, integrated gradients, occlusion (T,) | Sundararajan 2017 |
| answers.py, asked.py | what a model answers; held-out sentences as it is asked about them | |
| hidden.py | the states of many held-out sentences, also of encoders and decoders; the untrained control | |
| asking.py | `probes` (L, O) beside the untrained model's, `neighbours`, `likeness` of layers (CKA) | |
| cells.py, firing.py | an LSTM's gates and memory; where the cells of a span fire elsewhere | Strobelt 2018 |
| states.py, pca.py | hidden states in flat, 2-D or 3-D: `pca(x, k)`, `turn(points, onto)` | Schönemann 1966 |
| similarity.py | `cka(x, y)`, `cka_table`, `effective_rank(x)`, `nearest(x, states, k)` | Kornblith 2019 |
| probes.py | `fit`, `probe`, `probe_offsets`, `probe_places`, `probe_labels` | Alain & Bengio 2017 |
| gradients.py | norms by layer while it learns: `History.gradients` | Pascanu 2013 |
| influence.py | who sees whom: Jacobian norms (T, S), `leaks` | Hutchinson 1989 |
| pair.py | looks at an encoder–decoder, with its translation | Bahdanau 2015 |
| translator.py | its influence (U, S), hidden states, and what it writes with heads off | |
| continuation.py | what a model writes on | |

heads, flow, pca, similarity and probes are numpy alone, so that the server may use them on arrays that it has.
"""
