package harness

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// durableFlags are the flags of programs that call [durable.Restore].
type durableFlags struct {
	product string
	dir     string
	poll    time.Duration
	search  time.Duration
	jobOnly bool
}

// Durable adds the flags of a program that calls [durable.Restore] on clusters with names. Its embedded
// server takes about a second.
func (f *Flags) Durable() {
	f.StringVar(&f.durable.product, "product", "", "`name` of a product in a real deployment: atlas, cloudmanager or opsmanager,\n"+
		"with credentials from the environment")
	f.StringVar(&f.durable.dir, "dir", "", "`folder` of the journal and the files, created if it is missing; default: a temporary one for the embedded server")
	f.DurationVar(&f.durable.poll, "poll", 0, "`duration` between two polls (default 10s, then longer)")
	f.DurationVar(&f.durable.search, "search", 0, "`duration` of the search for a restore that may have been started (default 3m)")
	f.BoolVar(&f.durable.jobOnly, "job-only", false, "believe the job of a restore into a cluster, instead of the servers of the cluster")
	f.Server = append(f.Server, restorejobstest.WithRestoreDuration(time.Second))
}

// OpenDurable returns the deployment of these flags.
func (f *Flags) OpenDurable() (*Env, error) {
	if !f.Embedded() && f.durable.dir == "" {
		return nil, Usage("-dir is missing")
	}
	env, err := f.openDurable()
	if err != nil {
		return nil, err
	}
	env.flags = f.durable
	if err := env.makeDir(); err != nil {
		env.Close()
		return nil, err
	}
	return env, nil
}

// makeDir creates the folder of -dir, or a temporary one without it.
func (e *Env) makeDir() error {
	if e.flags.dir != "" {
		return os.MkdirAll(e.flags.dir, 0o700)
	}
	dir, err := os.MkdirTemp("", "restorejobs-")
	e.flags.dir = dir
	e.temporary = dir
	return err
}

func (f *Flags) openDurable() (*Env, error) {
	if f.Embedded() {
		return f.Open()
	}
	client, err := restorejobs.NewClientFromEnv()
	if err != nil {
		return nil, usageError(err)
	}
	return &Env{Client: client}, nil
}

// Dir is the folder of the journal and the files.
func (e *Env) Dir() string { return e.flags.dir }

// Find returns the cluster that PROJECT/CLUSTER names, or ids instead of names.
func (e *Env) Find(ctx context.Context, name string) (*restorejobs.Source, error) {
	project, cluster, _ := strings.Cut(name, "/")
	if project == "" || cluster == "" || strings.Contains(cluster, "/") {
		return nil, Usage("a cluster must be PROJECT/CLUSTER, not " + quote(name))
	}
	product := e.flags.product
	if e.Server != nil {
		product, _, _ = strings.Cut(e.Source.Ref(), "/")
	}
	finder := FinderOf(e.Client, product)
	if finder == nil {
		return nil, Usage(product + " has no lookup by name")
	}
	return finder.FindCluster(ctx, project, cluster)
}

// Finder is a product with a lookup by name.
type Finder interface {
	FindProject(ctx context.Context, nameOrID string) (*restorejobs.Project, error)
	FindCluster(ctx context.Context, project, cluster string) (*restorejobs.Source, error)
}

// FinderOf returns the product with this name, nil if it has no lookup.
func FinderOf(client *restorejobs.Client, product string) Finder {
	switch product {
	case "atlas", "atlasv2": // the second is the first word of a reference
		return client.AtlasV2
	case "cloudmanager":
		return client.CloudManager
	case "opsmanager":
		return client.OpsManager
	default:
		return nil
	}
}

// CheckProduct returns an error for the name of a product without a lookup.
func CheckProduct(product string) error {
	if FinderOf(&restorejobs.Client{}, product) == nil {
		return Usage(fmt.Sprintf("product must be atlas, cloudmanager or opsmanager, not %q", product))
	}
	return nil
}

// Paced returns the plan with the flags -poll, -search and -job-only. The embedded server is polled often,
// and its jobs are believed: the proof that servers have the data takes at least 90 seconds.
func (e *Env) Paced(plan durable.Plan) durable.Plan {
	plan.Wait.MinInterval = e.flags.poll
	plan.SearchTimeout = e.flags.search
	if e.Server != nil && plan.Wait.MinInterval == 0 {
		plan.Wait.MinInterval = 100 * time.Millisecond
	}
	if plan.Wait.MinInterval != 0 {
		plan.Wait.MaxInterval = -1
	}
	if (e.flags.jobOnly || e.Server != nil) && !plan.To.IsDownload() {
		plan.Wait.Goal = restorejobs.UntilJobFinished
	}
	return plan
}

// Pairs returns two clusters of the embedded server, each with a target, as PROJECT/CLUSTER=PROJECT/CLUSTER.
// A real deployment has none.
func (e *Env) Pairs() ([]string, error) {
	if e.Server == nil {
		return nil, Usage("PROJECT/CLUSTER=PROJECT/CLUSTER is missing")
	}
	for _, name := range []string{"stock", "stock-staging"} {
		e.Server.AddCluster(restorejobstest.ClusterSpec{
			Scope:       e.Scope,
			Name:        name,
			NoSnapshots: name == "stock-staging",
		})
	}
	project := e.Scope.ProjectName() + "/"
	return []string{
		e.SourceName() + "=" + e.TargetName(),
		project + "stock=" + project + "stock-staging",
	}, nil
}

// SourceName is the PROJECT/CLUSTER of the embedded server to restore from, empty for a real deployment.
func (e *Env) SourceName() string {
	if e.Server == nil {
		return ""
	}
	return e.Scope.ProjectName() + "/" + e.Scope.ClusterName()
}

// TargetName is the PROJECT/CLUSTER of the embedded server to restore into, empty for a real deployment.
func (e *Env) TargetName() string {
	if e.Server == nil {
		return ""
	}
	return e.Scope.ProjectName() + "/" + e.Scope.TargetName()
}
