// Find-cluster finds a cluster by the names of its project and itself, and prints its reference and
// its state. With -into it also checks another cluster of the project as the target of a restore.
//
//	go run ./examples/find-cluster
//	go run ./examples/find-cluster -product opsmanager Production orders
//	go run ./examples/find-cluster -product atlas -into staging Production orders
//
// With -product it uses a real deployment, with credentials from the environment.
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
	"strings"
	"syscall"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("find-cluster [flags] PROJECT CLUSTER", restorejobstest.OpsManagerCluster, "ref")
	product := flags.String("product", "", "`name` of a product in a real deployment: atlas, cloudmanager or opsmanager")
	into := flags.String("into", "", "check this `cluster` of the project as the target of a restore")
	if err := flags.Read(args, 2, out); err != nil {
		return err
	}
	if flags.NArg() == 1 || flags.NArg() == 0 && *product != "" {
		return harness.Usage("PROJECT and CLUSTER are needed")
	}
	if *product != "" {
		if err := harness.CheckProduct(*product); err != nil {
			return err
		}
	}
	project := flags.Arg(0)
	cluster := flags.Arg(1)

	var client *restorejobs.Client
	if *product == "" {
		env, err := flags.Open()
		if err != nil {
			return err
		}
		defer env.Close()
		client = env.Client
		*product, _, _ = strings.Cut(env.Source.Ref(), "/")
		project = cmp.Or(project, env.Scope.ProjectName())
		cluster = cmp.Or(cluster, env.Scope.ShardedName(), env.Scope.ClusterName())
	} else {
		var err error
		client, err = restorejobs.NewClientFromEnv()
		if err != nil {
			return err
		}
	}
	products := harness.FinderOf(client, *product)
	if products == nil {
		return harness.Usage(*product + " has no lookup by name")
	}

	source, err := products.FindCluster(ctx, project, cluster)
	if err != nil {
		return err // a *restorejobs.LookupError lists the candidates
	}
	state, err := source.Cluster(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n", source.Ref())
	printState(out, state)
	if *into == "" {
		return nil
	}

	target, err := products.FindCluster(ctx, project, *into)
	if err != nil {
		return err
	}
	return printCheck(out, *into, source.CheckTarget(ctx, target))
}

// printState prints what the product reports.
func printState(out io.Writer, c *restorejobs.Cluster) {
	fmt.Fprintf(out, "  type           %s\n", c.RawType)
	if c.ShardCount > 0 {
		fmt.Fprintf(out, "  shards         %d, config servers %s\n", c.ShardCount, cmp.Or(c.ConfigServerType, "unknown"))
	}
	if c.StateName != "" {
		fmt.Fprintf(out, "  state          %s\n", c.StateName)
	}
	fmt.Fprintf(out, "  backup         %s\n", c.BackupEnabled)
	fmt.Fprintf(out, "  point in time  %s\n", c.PointInTimeEnabled)
}

// printCheck prints the reasons against a target.
func printCheck(out io.Writer, name string, err error) error {
	var targetErr *restorejobs.TargetError
	switch {
	case err == nil:
		fmt.Fprintf(out, "nothing is known against a restore into %s\n", name)
		return nil
	case !errors.As(err, &targetErr):
		return err
	}
	for _, problem := range targetErr.Problems {
		fmt.Fprintf(out, "do not restore into %s: %s\n", name, problem.Detail)
	}
	return errors.New("the target is refused")
}
