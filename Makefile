.DEFAULT_GOAL := help
.PHONY: help up down status logs demo test newman chaos rolling monitor backup restore images k8s-up k8s-down k8s-test ingress-up bench bench-quick bench-outage bench-micro reset
export PORT DURATION SEED CLIENTS REPLICAS MODE TRANSPORT SERVICES FROM TO REGISTRY TAG ARCH NAMESPACE VALUES SET MONITORING BOOKSAGA_URL
SOURCES := $(shell find src Directory.Build.props Directory.Packages.props global.json -type f -not -name '*.md' 2>/dev/null)
LAUNCHER := artifacts/bin/Launcher/release/BookSaga.Launcher.dll
BOOKSAGA := dotnet $(LAUNCHER)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: artifacts/.built ## build at need, start everything, wait until ready (PORT=8080, MODE=choreography, TRANSPORT=RabbitMq, DATABASE_URL=… for your own server)
	@$(BOOKSAGA) up

down: ## stop everything
	@if [ -f $(LAUNCHER) ]; then $(BOOKSAGA) down; else echo "BookSaga is not running."; fi

status: artifacts/.built ## what runs, on which ports, with how much memory
	@$(BOOKSAGA) status

logs: artifacts/.built ## follow all logs
	@$(BOOKSAGA) logs

demo: artifacts/.built ## play the booking story against the running platform and print it
	@$(BOOKSAGA) demo

test: ## build everything and run every test; the last line is the total
	@tests/run.sh

newman: artifacts/.built ## run the Postman collection against the running platform, or a private one
	@dotnet $(LAUNCHER) with --reuse tests/newman.sh

chaos: artifacts/.built ## kill, freeze and restart processes of a private platform under load, then audit it (DURATION=60 SEED=… CLIENTS=16 REPLICAS=2 MODE=choreography TRANSPORT=RabbitMq)
	@$(BOOKSAGA) chaos

rolling: artifacts/.built ## restart every replica of a private platform one by one under load: no request may fail (REPLICAS=2 SERVICES=customer,booking)
	@$(BOOKSAGA) rolling

monitor: artifacts/.built ## run Prometheus with all alerts on the running platform until Ctrl-C
	@$(BOOKSAGA) monitor

backup: artifacts/.built ## copy all databases of the running platform at one moment to .data/backups (TO=folder)
	@$(BOOKSAGA) backup

restore: artifacts/.built ## put a backup in the place of the stopped platform's data (FROM=folder)
	@$(BOOKSAGA) restore

bench: ## measure everything on a private platform (half an hour), write bench/results/full.md
	@tools/build.sh bench/Load --configuration Release -p:RunAnalyzers=false && dotnet artifacts/bin/Load/release/BookSaga.Load.dll full

bench-quick: ## the same in ten minutes, in less depth: bench/results/quick.md
	@tools/build.sh bench/Load --configuration Release -p:RunAnalyzers=false && dotnet artifacts/bin/Load/release/BookSaga.Load.dll quick

bench-outage: ## what failing mail servers and a broker that is away do to bookings, and how what waited drains: bench/results/outage.md
	@tools/build.sh bench/Load --configuration Release -p:RunAnalyzers=false && dotnet artifacts/bin/Load/release/BookSaga.Load.dll outage

bench-micro: ## BenchmarkDotNet on what profiling shows hot: token check, coalescing, JSON, saga step
	@tools/build.sh bench/Micro --configuration Release -p:RunAnalyzers=false && dotnet artifacts/bin/Micro/release/BookSaga.Micro.dll --artifacts artifacts/micro --filter '*'

images: ## build one container image for each process, without Docker: artifacts/images (REGISTRY=host pushes them, TAG=… ARCH=arm64)
	@tools/images.sh

k8s-up: ## install or upgrade on your cluster and wait until it is ready (VALUES=deploy/chart/values-production.yaml SET=key=value REGISTRY=… NAMESPACE=booksaga)
	@tools/k8s.sh up

k8s-down: ## uninstall from your cluster; volumes and passwords are kept
	@tools/k8s.sh down

k8s-test: ## ask the installed platform for answers and run the Postman collection against it
	@tools/k8s.sh test

ingress-up: ## install ingress-nginx on your cluster as the chart expects it (MONITORING=1)
	@tools/k8s.sh ingress

reset: artifacts/.built ## stop everything and DELETE all local data
	@$(BOOKSAGA) reset

# Without analyzers, for speed; `make test` builds the other configuration with all of them.
artifacts/.built: $(SOURCES)
	@tools/build.sh src/Launcher --configuration Release -p:RunAnalyzers=false && touch $@
