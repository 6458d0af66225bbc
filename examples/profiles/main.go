// Profiles lists the clusters of a project, or the restore jobs of a cluster, with a profile of the
// Atlas CLI or of mongocli. No variables and no ids are needed.
//
//	go run ./examples/profiles
//	go run ./examples/profiles -profile staging -project Production
//	go run ./examples/profiles -profile staging -project Production orders
//
// Without a profile file and without flags it writes one for the embedded server.
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/examples/internal/profile"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out, stderr io.Writer) error {
	flags := harness.NewFlags("profiles [flags] [CLUSTER]", restorejobstest.OpsManagerCluster, "ref", "scope")
	name := flags.String("profile", "", "`name` of the profile (default \"default\", or the only one)")
	path := flags.String("config", "", "`file` with profiles (default that of the Atlas CLI, then that of mongocli)")
	project := flags.String("project", "", "`name` or id of the project (default the project_id of the profile)")
	if err := flags.Read(args, 1, out); err != nil {
		return err
	}
	p, err := profile.Find(*path, *name)
	if errors.Is(err, profile.ErrNoFile) && flags.NFlag() == 0 {
		server := restorejobstest.NewServer()
		defer server.Close()
		fmt.Fprintln(out, "no profile file: using one for the embedded server")
		p, err = embeddedProfile(server)
	}
	if err != nil {
		return harness.Usage(err.Error())
	}
	if warning := p.Warning(); warning != "" {
		fmt.Fprintln(stderr, warning)
	}
	return list(ctx, p, *project, flags.Arg(0), out)
}

// embeddedProfile returns the profile of a file that mongocli could have written.
func embeddedProfile(server *restorejobstest.Server) (*profile.Profile, error) {
	dir, err := os.MkdirTemp("", "restorejobs-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := dir + "/config.toml"
	content := fmt.Sprintf("[default]\n  ops_manager_url = %q\n  private_api_key = %q\n  project_id = %q\n  public_api_key = %q\n  service = \"ops-manager\"\n",
		server.URL()+"/", restorejobstest.PrivateKey, restorejobstest.OpsManagerCluster.Project(), restorejobstest.PublicKey)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return nil, err
	}
	return profile.Find(path, "")
}

// list prints the clusters of a project, or the restore jobs of one cluster.
func list(ctx context.Context, p *profile.Profile, project, cluster string, out io.Writer) error {
	client, err := p.Client(os.Getenv)
	product, productErr := p.Product()
	projectID, projectErr := p.ProjectID()
	project = cmp.Or(project, projectID)
	switch err := cmp.Or(err, productErr, projectErr); {
	case err != nil:
		return harness.Usage(err.Error())
	case project == "":
		return harness.Usage("-project is missing: the profile has no project_id")
	}
	defer client.CloseIdleConnections()
	finder := harness.FinderOf(client, product)
	found, err := finder.FindProject(ctx, project)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%v: %s, project %s\n", p, product, found.Name)
	if cluster == "" {
		return printClusters(ctx, client, product, found.ID, out)
	}
	source, err := finder.FindCluster(ctx, found.ID, cluster)
	if err != nil {
		return err
	}
	count := 0
	for job, err := range source.Jobs.All(ctx, restorejobs.ListOptions{}) {
		if err != nil {
			return fmt.Errorf("the list ends after %s: %w", harness.Plural(count, "job"), err)
		}
		fmt.Fprintf(out, "%s  %-9s  snapshot %s\n", job.ID, job.State(), job.SnapshotID)
		count++
	}
	_, err = fmt.Fprintf(out, "%s of %s\n", harness.Plural(count, "job"), source.Ref())
	return err
}
