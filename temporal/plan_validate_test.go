package restoretemporal

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func validPlan() Plan {
	return Plan{
		Source: Cluster{
			Product: ProductAtlas,
			Project: "Production",
			Cluster: "orders",
		},
		To: &Cluster{Project: "Staging", Cluster: "orders"},
	}
}

func TestPlanValidate_valid(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(p *Plan){
		"cluster":       func(*Plan) {},
		"same product":  func(p *Plan) { p.To.Product = ProductAtlas },
		"refs":          func(p *Plan) { p.Source, p.To = Cluster{Ref: "a"}, &Cluster{Ref: "b"} },
		"download":      func(p *Plan) { p.To, p.Directory, p.MaxDownloads = nil, "orders/monday", 5 },
		"delivery":      func(p *Plan) { p.To = nil },
		"whole folder":  func(p *Plan) { p.To, p.Directory = nil, "." },
		"before":        func(p *Plan) { p.Point.Before = time.Now() },
		"busy disabled": func(p *Plan) { p.BusyTimeout = -1 },
		"limits": func(p *Plan) {
			p.MaxAttempts = 100
			p.BusyTimeout = Duration(168 * time.Hour)
			p.SearchTimeout = Duration(time.Hour)
			p.Timeouts = Timeouts{
				Request:   Duration(time.Second),
				Heartbeat: Duration(time.Hour),
				Retry:     Duration(time.Millisecond),
				Busy:      Duration(time.Second),
			}
		},
	} {
		plan := validPlan()
		edit(&plan)
		assert.NoError(t, plan.Validate(), name)
	}
}

func TestPlanValidate_invalid(t *testing.T) {
	t.Parallel()
	for text, edit := range map[string]func(p *Plan){
		"source must be set":                        func(p *Plan) { p.Source = Cluster{} },
		"source must have either a ref":             func(p *Plan) { p.Source.Ref = "ref" },
		"source.product must be atlas":              func(p *Plan) { p.Source.Product = "Atlas" },
		"source.project must be set":                func(p *Plan) { p.Source.Project = "" },
		"source.cluster must be set":                func(p *Plan) { p.Source.Cluster = "" },
		"to must be set":                            func(p *Plan) { p.To = &Cluster{} },
		"to.product must be":                        func(p *Plan) { p.Source = Cluster{Ref: "r"}; p.To.Product = "mms" },
		"to must be a cluster of the product":       func(p *Plan) { p.To.Product = ProductOpsManager },
		"point must have at most one":               func(p *Plan) { p.Point = Point{SnapshotID: "s", Time: time.Now()} },
		"directory and maxDownloads must be empty":  func(p *Plan) { p.Directory = "orders" },
		"overwriteSource and skipTargetCheck must":  func(p *Plan) { p.To = nil; p.OverwriteSource = true },
		`directory "/orders" must be a path below`:  func(p *Plan) { p.To = nil; p.Directory = "/orders" },
		`directory "../orders" must be a path`:      func(p *Plan) { p.To = nil; p.Directory = "../orders" },
		"maxDownloads must be between":              func(p *Plan) { p.To = nil; p.MaxDownloads = -1 },
		"maxAttempts must be between 0 and 100":     func(p *Plan) { p.MaxAttempts = 101 },
		"busyTimeout must be at most 168h":          func(p *Plan) { p.BusyTimeout = Duration(169 * time.Hour) },
		"searchTimeout must be between 1ms and 1h":  func(p *Plan) { p.SearchTimeout = -1 },
		"timeouts.request must be between 1s":       func(p *Plan) { p.Timeouts.Request = 1 },
		"timeouts.heartbeat must be between 1s":     func(p *Plan) { p.Timeouts.Heartbeat = -1 },
		"timeouts.retry must be between 1ms":        func(p *Plan) { p.Timeouts.Retry = Duration(time.Hour) },
		"timeouts.busy must be between 1s and 5m0s": func(p *Plan) { p.Timeouts.Busy = Duration(time.Hour) },
	} {
		plan := validPlan()
		edit(&plan)
		err := plan.Validate()
		require.ErrorContains(t, err, text)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	}
}

func TestPlanValidate_reportsEverything(t *testing.T) {
	t.Parallel()
	err := (&Plan{MaxAttempts: -1, To: &Cluster{}}).Validate()
	require.ErrorContains(t, err, "source must be set")
	require.ErrorContains(t, err, "to must be set")
	require.ErrorContains(t, err, "maxAttempts")
}

func TestPlan_json(t *testing.T) {
	t.Parallel()
	plan := validPlan()
	plan.BusyTimeout = Duration(90 * time.Minute)
	plan.Point.Before = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"source": {"product": "atlas", "project": "Production", "cluster": "orders"},
		"point": {"before": "2026-09-01T00:00:00Z"},
		"to": {"project": "Staging", "cluster": "orders"},
		"busyTimeout": "1h30m0s"
	}`, string(data))
	var decoded Plan
	require.NoError(t, json.Unmarshal(data, &decoded))
	assert.Equal(t, plan, decoded)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"source": {"name": "orders"}}`), &decoded), "unknown field")
	require.ErrorContains(t, json.Unmarshal([]byte(`{"busyTimeout": "soon"}`), &decoded), `not "soon"`)
}
