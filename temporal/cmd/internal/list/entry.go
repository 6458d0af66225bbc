package list

import (
	"cmp"
	"fmt"
	"strings"

	restoretemporal "example.com/restorejobs/temporal"
)

// entry is a restore of a list.
type entry struct {
	Settings settings `yaml:",inline"`

	Name      string `yaml:"name"`
	Source    string `yaml:"source"`
	SourceRef string `yaml:"sourceRef"`
	To        string `yaml:"to"`
	ToRef     string `yaml:"toRef"`
	Directory string `yaml:"directory"`
}

// settings are what the defaults can have too.
type settings struct {
	Product          string   `yaml:"product"`
	Before           moment   `yaml:"before"`
	Time             moment   `yaml:"time"`
	SnapshotID       string   `yaml:"snapshotId"`
	MaxAttempts      whole    `yaml:"maxAttempts"`
	MaxDownloads     whole    `yaml:"maxDownloads"`
	BusyTimeout      duration `yaml:"busyTimeout"`
	SearchTimeout    duration `yaml:"searchTimeout"`
	UntilJobFinished bool     `yaml:"untilJobFinished"`
	OverwriteSource  bool     `yaml:"overwriteSource"`
	SkipTargetCheck  bool     `yaml:"skipTargetCheck"`
	Timeouts         timeouts `yaml:"timeouts"`
}

type timeouts struct {
	Request   duration `yaml:"request"`
	Heartbeat duration `yaml:"heartbeat"`
	Retry     duration `yaml:"retry"`
	Busy      duration `yaml:"busy"`
}

// name is the name of the restore: by default that of its target, or of its source for a download.
func (e *entry) name() string {
	return cmp.Or(e.Name, lastPart(e.To), lastPart(e.ToRef), lastPart(e.Source), lastPart(e.SourceRef))
}

func lastPart(text string) string { return text[strings.LastIndex(text, "/")+1:] }

// problems lists what is wrong with the fields together. Package restoretemporal checks the rest.
func (e *entry) problems() []string {
	var problems []string
	problems = append(problems, onlyOne(true, field{"source", e.Source}, field{"sourceRef", e.SourceRef})...)
	problems = append(problems, onlyOne(true, field{"to", e.To}, field{"toRef", e.ToRef}, field{"directory", e.Directory})...)
	problems = append(problems, onlyOne(false, field{"before", e.Settings.Before.text}, field{"time", e.Settings.Time.text}, field{"snapshotId", e.Settings.SnapshotID})...)
	problems = append(problems, pathProblems("source", e.Source)...)
	problems = append(problems, pathProblems("to", e.To)...)
	hasNames := e.Source != "" || e.To != ""
	if hasNames && e.Settings.Product == "" {
		problems = append(problems, fmt.Sprintf("product must be set for names: %s, %s or %s",
			restoretemporal.ProductAtlas, restoretemporal.ProductCloudManager, restoretemporal.ProductOpsManager))
	}
	return problems
}

type field struct{ name, value string }

// onlyOne requires at most one of the fields, or exactly one.
func onlyOne(isRequired bool, fields ...field) []string {
	var names []string
	var set []string
	for _, f := range fields {
		names = append(names, f.name)
		if f.value != "" {
			set = append(set, f.name)
		}
	}
	switch {
	case len(set) > 1:
		return []string{"only one of " + strings.Join(set, " and ") + " may be set"}
	case len(set) == 0 && isRequired:
		return []string{"one of " + strings.Join(names, ", ") + " must be set"}
	default:
		return nil
	}
}

func pathProblems(name, path string) []string {
	if path == "" {
		return nil
	}
	project, cluster := cutPath(path)
	if project == "" || cluster == "" {
		return []string{fmt.Sprintf("%s must be PROJECT/CLUSTER, not %q", name, path)}
	}
	return nil
}

// cutPath separates PROJECT/CLUSTER. The name of a project can have a slash, that of a cluster cannot.
func cutPath(path string) (project, cluster string) {
	i := strings.LastIndex(path, "/")
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

func (e *entry) namedPlan() restoretemporal.NamedPlan {
	plan := restoretemporal.Plan{
		Source: e.cluster(e.Source, e.SourceRef),
		Point: restoretemporal.Point{
			Before:     e.Settings.Before.at,
			SnapshotID: e.Settings.SnapshotID,
			Time:       e.Settings.Time.at,
		},
		Directory:        e.Directory,
		MaxDownloads:     int(e.Settings.MaxDownloads),
		MaxAttempts:      int(e.Settings.MaxAttempts),
		BusyTimeout:      restoretemporal.Duration(e.Settings.BusyTimeout),
		SearchTimeout:    restoretemporal.Duration(e.Settings.SearchTimeout),
		UntilJobFinished: e.Settings.UntilJobFinished,
		OverwriteSource:  e.Settings.OverwriteSource,
		SkipTargetCheck:  e.Settings.SkipTargetCheck,
		Timeouts: restoretemporal.Timeouts{
			Request:   restoretemporal.Duration(e.Settings.Timeouts.Request),
			Heartbeat: restoretemporal.Duration(e.Settings.Timeouts.Heartbeat),
			Retry:     restoretemporal.Duration(e.Settings.Timeouts.Retry),
			Busy:      restoretemporal.Duration(e.Settings.Timeouts.Busy),
		},
	}
	if e.Directory == "" {
		target := e.cluster(e.To, e.ToRef)
		plan.To = &target
		plan.MaxDownloads = 0 // a default for downloads
	}
	return restoretemporal.NamedPlan{Name: e.name(), Plan: plan}
}

func (e *entry) cluster(path, ref string) restoretemporal.Cluster {
	if ref != "" {
		return restoretemporal.Cluster{Ref: ref}
	}
	project, cluster := cutPath(path)
	return restoretemporal.Cluster{
		Product: e.Settings.Product,
		Project: project,
		Cluster: cluster,
	}
}
