.PHONY: dev test check lock
dev test check: ; @bin/$@
lock: ; @bin/lock
