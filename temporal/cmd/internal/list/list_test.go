package list_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/list"
)

const yamlList = `# every night
limit: 10
perProject: 2
failures: 3
defaults:
  product: opsmanager
  maxAttempts: 2
  timeouts: {heartbeat: 30s}
restores:
  - source: Production/orders
    to: Staging/orders
  - name: archive
    source: Europe/West/stock
    directory: stock/2026
    maxAttempts: 1
    timeouts: {retry: 1s}
    before: 2026-11-01T02:00:00Z
  - sourceRef: atlasv2/groups/1/clusters/a
    toRef: atlasv2/groups/1/clusters/b
    product: ""
    untilJobFinished: true
    busyTimeout: -1s
`

// jsonList has what JSON has and older YAML has not: tabs, and \/.
const jsonList = `{
	"limit": 10, "perProject": 2, "failures": 3,
	"defaults": {"product": "opsmanager", "maxAttempts": 2, "timeouts": {"heartbeat": "30s"}},
	"restores": [
		{"source": "Production\/orders", "to": "Staging\/orders"},
		{"name": "archive", "source": "Europe/West/stock", "directory": "stock/2026", "maxAttempts": 1,
			"timeouts": {"retry": "1s"}, "before": "2026-11-01T02:00:00Z"},
		{"sourceRef": "atlasv2/groups/1/clusters/a", "toRef": "atlasv2/groups/1/clusters/b", "product": "",
			"untilJobFinished": true, "busyTimeout": "-1s"}
	]
}`

func TestRead_everyField(t *testing.T) {
	t.Parallel()
	timeouts := restoretemporal.Timeouts{Heartbeat: restoretemporal.Duration(30 * time.Second)}
	archiveTimeouts := timeouts
	archiveTimeouts.Retry = restoretemporal.Duration(time.Second)
	want := restoretemporal.FleetRequest{
		MaxRunning:           10,
		MaxRunningPerProject: 2,
		FailureBudget:        3,
		Restores: []restoretemporal.NamedPlan{
			{
				Name: "orders",
				Plan: restoretemporal.Plan{
					Source:      restoretemporal.Cluster{Product: "opsmanager", Project: "Production", Cluster: "orders"},
					To:          &restoretemporal.Cluster{Product: "opsmanager", Project: "Staging", Cluster: "orders"},
					MaxAttempts: 2,
					Timeouts:    timeouts,
				},
			},
			{
				Name: "archive",
				Plan: restoretemporal.Plan{
					Source:      restoretemporal.Cluster{Product: "opsmanager", Project: "Europe/West", Cluster: "stock"},
					Point:       restoretemporal.Point{Before: time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)},
					Directory:   "stock/2026",
					MaxAttempts: 1,
					Timeouts:    archiveTimeouts,
				},
			},
			{
				Name: "b",
				Plan: restoretemporal.Plan{
					Source:           restoretemporal.Cluster{Ref: "atlasv2/groups/1/clusters/a"},
					To:               &restoretemporal.Cluster{Ref: "atlasv2/groups/1/clusters/b"},
					MaxAttempts:      2,
					BusyTimeout:      restoretemporal.Duration(-time.Second),
					UntilJobFinished: true,
					Timeouts:         timeouts,
				},
			},
		},
	}
	for name, text := range map[string]string{"yaml": yamlList, "json": jsonList} {
		request, err := list.Read(name, []byte(text))
		require.NoError(t, err, name)
		assert.Equal(t, want, request, name)
	}
}

func TestRead_problems(t *testing.T) {
	t.Parallel()
	const good = "restores:\n- {product: atlas, source: a/b, to: c/d}\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                {"", "f: it is empty"},
		"only a comment":       {"# nothing\n", "f: it is empty"},
		"no restores":          {"limit: 3\n", "f: restores must have at least one restore"},
		"syntax":               {"restores: [\n", "f: line 1: sequence end token ']' not found"},
		"two documents":        {good + "---\n" + good, "f: it has more than one document"},
		"unknown field":        {good + "limits: 3\n", `f: line 3: unknown field "limits"`},
		"unknown of a restore": {good + "- product: atlas\n  source: a/b\n  too: c/d\n", `f: line 5: restore "b": unknown field "too"`},
		"unknown default":      {"defaults:\n  source: a/b\n" + good, `f: line 2: defaults: unknown field "source"`},
		"unknown timeout":      {"restores:\n- {product: atlas, source: a/b, to: c/d, timeouts: {beat: 3s}}\n", `f: line 2: restore "d": unknown field "beat"`},
		"duplicate key":        {"restores:\n- {product: atlas, source: a/b, source: a/c, to: c/d}\n", `f: line 2: mapping key "source" already defined at [2:20]`},
		"duplicate name":       {good + "- {product: atlas, source: a/x, to: e/d}\n", `f: line 3: restore "d": line 2 has this name too: set another name`},
		"no source":            {"restores:\n- {product: atlas, to: c/d}\n", `f: line 2: restore "d": one of source, sourceRef must be set`},
		"no destination":       {"restores:\n- {product: atlas, source: a/b}\n", `f: line 2: restore "b": one of to, toRef, directory must be set`},
		"two destinations":     {"restores:\n- {product: atlas, source: a/b, to: c/d, directory: e}\n", `f: line 2: restore "d": only one of to and directory may be set`},
		"two points":           {"restores:\n- {product: atlas, source: a/b, to: c/d, snapshotId: x, time: 2026-11-01T02:00:00Z}\n", `f: line 2: restore "d": only one of time and snapshotId may be set`},
		"no project":           {"restores:\n- {product: atlas, source: b, to: c/d}\n", `f: line 2: restore "d": source must be PROJECT/CLUSTER, not "b"`},
		"no product":           {"restores:\n- {source: a/b, to: c/d}\n", `f: line 2: restore "d": product must be set for names: atlas, cloudmanager or opsmanager`},
		"a fraction":           {"limit: 1.5\n" + good, `f: line 1: a whole number is required, not "1.5"`},
		"a duration":           {"restores:\n- product: atlas\n  source: a/b\n  to: c/d\n  busyTimeout: 90\n", `f: line 5: restore "d": a duration such as 1h30m is required, not "90"`},
		"a date":               {"restores:\n- product: atlas\n  source: a/b\n  to: c/d\n  before: 2026-11-01\n", `f: line 5: restore "d": a time such as 2026-11-01T02:00:00Z is required, not "2026-11-01"`},
		"an empty restore":     {good + "-\n", "f: restore 2 is empty"},
		"no mapping":           {good + "- 7\n", "f: line 3: restore 2: "},
		"a flag":               {"restores:\n- product: atlas\n  source: a/b\n  to: c/d\n  skipTargetCheck: maybe\n", `f: line 5: restore "d": cannot unmarshal string into Go struct field`},
	} {
		request, err := list.Read("f", []byte(c.text))
		var listErr *list.Error
		if assert.ErrorAs(t, err, &listErr, name) {
			assert.Contains(t, err.Error(), c.want, name)
		}
		assert.Empty(t, request, name)
	}
}

func TestRead_reportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := list.Read("f", []byte("restores:\n- {product: atlas, source: b}\n- {product: atlas, source: a/b, too: c}\n"))
	assert.EqualError(t, err, `f: line 2: restore "b": one of to, toRef, directory must be set
f: line 2: restore "b": source must be PROJECT/CLUSTER, not "b"
f: line 3: restore "b": unknown field "too"`)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(yamlList))
	f.Add([]byte(jsonList))
	f.Fuzz(func(t *testing.T, data []byte) {
		request, err := list.Read("f", data)
		var listErr *list.Error
		if err != nil {
			require.ErrorAs(t, err, &listErr)
			return
		}
		for _, restore := range request.Restores {
			assert.NotEmpty(t, restore.Name)
		}
	})
}

// The decoder reads 0123 as 83, also for a text such as a folder.
func TestRead_octalNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"restores:\n- {product: atlas, source: a/b, directory: 0123}\n",
		"restores:\n- {product: atlas, source: a/b, to: c/d, snapshotId: 0x12}\n",
		"defaults: {product: atlas, snapshotId: 012345670123456701}\nrestores:\n- {source: a/b, to: c/d}\n",
	} {
		_, err := list.Read("f", []byte(text))
		assert.ErrorContains(t, err, "must be in quotes")
	}
}
